import { randomBytes, webcrypto } from 'node:crypto';
import { join, resolve } from 'node:path';
import { messageOf } from '../contract/errors.ts';
import { timeOrderedId } from '../contract/ids.ts';
import { seal, sealingContext } from '../contract/sealed.ts';
import type { EdgeInventory } from '../contract/topics.ts';
import type { Clock, TimerHandle } from '../platform/clock.ts';
import { Collector } from '../platform/collector.ts';
import { findFfmpeg } from '../platform/ffmpeg/find.ts';
import { freeBytes } from '../platform/files.ts';
import { lockFolder } from '../platform/folder-lock.ts';
import type { Log } from '../platform/log.ts';
import { SqliteDatabase } from '../platform/sqlite/database.ts';
import { PACKAGE_ROOT } from '../platform/version.ts';
import { CommandDispatcher } from './commands/dispatcher.ts';
import type { EdgeConfig } from './config/schema.ts';
import { AllowedNetworks } from './devices/allowed-networks.ts';
import { DeviceRegistry } from './devices/device-registry.ts';
import { DEVICE_MIGRATIONS, DeviceStore } from './devices/device-store.ts';
import { StreamPool } from './devices/stream-pool.ts';
import { Discovery } from './discovery/discovery.ts';
import { type EdgeIdentity, openSealed } from './identity/identity.ts';
import { establishIdentity } from './identity/join.ts';
import { Live } from './live/live.ts';
import { MediaLink } from './live/media-link.ts';
import { MediaStreams } from './media/streams.ts';
import { loadProfiles } from './profiles/load.ts';
import { Ptz } from './ptz/ptz.ts';
import { Recording } from './recording/recording.ts';
import { ThreadSegmentDisk } from './recording/segment-disk.ts';
import { RECORDING_MIGRATIONS, SegmentStore } from './recording/segment-store.ts';
import { Readers } from './republish/readers.ts';
import { Republish } from './republish/republish.ts';
import { StatusBoard } from './supervision/status-board.ts';
import { Transcodes } from './transcode/transcodes.ts';
import { Uplink } from './uplink/uplink.ts';
import { FootagePace } from './upload/footage-pace.ts';
import { commandTable } from './wiring/commands.ts';
import { Dc09Driver } from './wiring/dc09-driver.ts';
import { PoolRecorder } from './wiring/device-recorder.ts';
import { directOf } from './wiring/direct.ts';
import { disabledDriver } from './wiring/disabled-driver.ts';
import type { DriverKit } from './wiring/driver-kit.ts';
import { FootageFetch } from './wiring/footage-fetch.ts';
import { Hj212Driver } from './wiring/hj212-driver.ts';
import { ModbusDriver } from './wiring/modbus-driver.ts';
import { MqttDriver } from './wiring/mqtt-driver.ts';
import { OnvifDriver } from './wiring/onvif-driver.ts';
import { ownReporter } from './wiring/reports.ts';
import { RtspDriver } from './wiring/rtsp-driver.ts';
import { talkOf } from './wiring/talk.ts';

/** What an edge says once it works. */
export interface EdgeReady {
  edgeId: string;
  hubUrl: string;
  listeners: { name: string; address: string }[];
}

/** What an edge is run with. */
export interface EdgeOptions {
  config: EdgeConfig;
  /** Path of the join file; needed once. */
  joinFile: string | null;
  clock: Clock;
  log: Log;
}

interface Module {
  name: string;
  start?(): unknown;
  stop?(): unknown;
}

/** Rates of streams change all the time; the inventory is looked at for them this often. */
const REFRESH_MS = 15_000;

/** The township's node: puts the parts together, starts them in order and stops them in reverse. */
export class Edge {
  readonly #options: EdgeOptions;
  readonly #started: Module[] = [];

  constructor(options: EdgeOptions) {
    this.#options = options;
  }

  /**
   * Starts everything; what began is stopped again when something fails.
   * @throws SharpEyesError NOT_JOINED, JOIN_TOKEN_INVALID, HUB_UNREACHABLE (only while joining), PORT_TAKEN, CONFLICT …
   */
  async start(): Promise<EdgeReady> {
    const { config, joinFile, clock, log } = this.#options;
    const dataFolder = resolve(config.data);
    try {
      const release = lockFolder(dataFolder, 'an edge');
      this.#started.push({ name: 'data folder', stop: release });
      const identity = await establishIdentity({ dataFolder, joinFile, log, nowMs: clock.nowMs() });
      const board = new StatusBoard(clock);
      for (const module of this.#compose(identity, dataFolder, board)) {
        this.#started.push(module);
        await module.start?.();
      }
      return { edgeId: identity.edgeId, hubUrl: identity.hubUrl, listeners: board.listeners };
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Stops everything; a part that fails does not keep the others running. */
  async stop(): Promise<void> {
    for (let module = this.#started.pop(); module !== undefined; module = this.#started.pop()) {
      try {
        await module.stop?.();
      } catch (error) {
        this.#options.log.error({ module: module.name }, `did not stop cleanly: ${messageOf(error)}`);
      }
    }
  }

  /** The table of everything that runs, in the order of starting. */
  #compose(identity: EdgeIdentity, dataFolder: string, board: StatusBoard): Module[] {
    const { config, clock, log } = this.#options;
    const { edgeId } = identity;
    const newId = (): string => timeOrderedId(clock.nowMs(), randomBytes(16));
    const networks = new AllowedNetworks(config.network.allowed, config.network.loopback);
    const catalog = loadProfiles(join(PACKAGE_ROOT, 'device-profiles'));
    const kit: DriverKit = { catalog, networks, clock, log };

    let inventoryVersion = Math.floor(clock.nowMs());
    const inventory = (): EdgeInventory => {
      const devices = registry.list();
      const taken = new Set(devices.map(({ address }) => address));
      const candidates = discovery.candidates().filter(({ address }) => !taken.has(address));
      inventoryVersion += 1;
      return { version: inventoryVersion, devices, candidates: candidates.slice(0, 500) };
    };
    const inventoryChanged = (): void => uplink.inventoryChanged();

    const uplink = new Uplink({
      dataFolder,
      identity,
      config: config.uplink,
      clock,
      log: log.child({ part: 'uplink' }),
      board,
      inventory,
      diskFreeBytes: () => recording.freeBytes,
      onCommand: (payload) => dispatcher.receive(payload),
    });
    const report = ownReporter({ commit: (event) => uplink.commit(event), newId, clock, log });

    const recordingFolder = resolve(config.recording.folder ?? join(dataFolder, 'recordings'));
    const recordingDatabase = database(dataFolder, 'recording', RECORDING_MIGRATIONS, log);
    const disk = new ThreadSegmentDisk();
    const recording = new Recording({
      folder: recordingFolder,
      disk,
      store: new SegmentStore(recordingDatabase),
      clock,
      log: log.child({ part: 'recording' }),
      config: config.recording,
      freeBytes,
      onFault: (fault, message) => {
        if (fault === null) board.clear('STORAGE', 'recording');
        else board.raise('STORAGE', `nothing is recorded: ${message}`, 'recording');
        const state = fault === null ? 'cleared' : 'active';
        report({ deviceId: edgeId, kind: 'storage.full', state, data: { fault } });
      },
      onGap: ({ deviceId, stream }, gap) =>
        report({ deviceId, kind: 'recording.gap', state: 'pulse', data: { stream, ...gap } }),
      onChange: inventoryChanged,
    });

    const media = new MediaStreams({
      clock,
      log: log.child({ part: 'media' }),
      maxDials: config.limits.concurrentDials,
      isAllowed: (address) => networks.allows(address),
    });
    const pool = new StreamPool(media, clock, inventoryChanged);
    const dc09 = config.dc09.enabled ? new Dc09Driver(kit, config.dc09) : null;
    const hj212 = config.hj212.enabled ? new Hj212Driver(kit, config.hj212) : null;
    const mqtt = config.localBroker.enabled ? new MqttDriver(kit, config.localBroker) : null;
    const drivers = {
      onvif: new OnvifDriver(kit),
      rtsp: new RtspDriver(kit, pool),
      'sia-dc09': dc09 ?? disabledDriver('alarm boxes', 'dc09.enabled'),
      modbus: new ModbusDriver(kit),
      hj212: hj212 ?? disabledDriver('monitoring stations', 'hj212.enabled'),
      'mqtt-device': mqtt ?? disabledDriver('sensors', 'localBroker.enabled'),
    };

    const target = { edgeId, secret: identity.secret, caPem: identity.caPem };
    const mediaLink = new MediaLink({ url: identity.mediaUrl, ...target }, clock, log.child({ part: 'media-link' }));
    const transcodes = new Transcodes({
      open: (deviceId, stream) => pool.open(deviceId, stream),
      program: () => findFfmpeg(),
      config: config.live,
      clock,
      log: log.child({ part: 'encoder' }),
    });
    const live = new Live({
      edgeId,
      transport: mediaLink,
      open: (deviceId, stream, transcode) => (transcode ? transcodes : pool).open(deviceId, stream),
      clock,
      config: config.live,
      onDropped: (fragments) => board.countDropped('live-fragments', fragments),
    });
    board.watchLine(() => live.line);

    const republish = config.republish.enabled
      ? new Republish({
          config: config.republish,
          readers: new Readers(dataFolder),
          open: (deviceId, stream) => pool.open(deviceId, stream),
          clock,
          log: log.child({ part: 'republish' }),
        })
      : null;
    const direct = directOf(config.direct, (deviceId, stream) => pool.open(deviceId, stream), clock, log);

    const deviceDatabase = database(dataFolder, 'devices', DEVICE_MIGRATIONS, log);
    const registry = new DeviceRegistry({
      store: new DeviceStore(deviceDatabase),
      drivers,
      pool,
      recorder: new PoolRecorder(pool, recording, config.recording.streams),
      networks,
      unseal: (sealed) => openSealed(identity, sealed),
      commitAll: (events) => uplink.commitAll(events),
      sample: (sample) => uplink.sample(sample),
      newId,
      maxDevices: config.limits.devices,
      servesDirectly: config.direct.enabled,
      onStreamsGone: (deviceId) => {
        live.endDevice(deviceId);
        transcodes.endDevice(deviceId);
        direct?.endDevice(deviceId);
      },
      onChange: inventoryChanged,
      clock,
      log: log.child({ part: 'devices' }),
    });

    const ptz = new Ptz({ head: (deviceId) => registry.ptz(deviceId), clock, log: log.child({ part: 'ptz' }) });

    const talk = talkOf({ pool, networks, clock, log: log.child({ part: 'talk' }) });

    const discovery = new Discovery({
      addresses: config.discovery.addresses,
      isAllowed: (address) => networks.allowsHost(address),
      onChange: ({ kind, entry, previousAddress }) => {
        if (kind === 'changed' && previousAddress !== null) registry.moved(previousAddress, entry.candidate.address);
        inventoryChanged();
      },
      periodMs: config.discovery.periodSeconds * 1000,
      maxCandidates: config.limits.candidates,
      clock,
      log: log.child({ part: 'discovery' }),
    });

    const lineRate = config.live.lineBitsPerSecond;
    const footagePace = new FootagePace(live, clock, lineRate === null ? null : lineRate / 8000);
    const footage = new FootageFetch({
      ...{ recording, identity, clock, log: log.child({ part: 'footage' }) },
      pace: (bytes) => footagePace.pass(bytes),
    });
    const dispatcher = new CommandDispatcher({
      handlers: commandTable({
        registry,
        drivers,
        candidates: discovery,
        search: { enabled: config.discovery.enabled, unicast: config.discovery.unicast },
        networks,
        catalog,
        live,
        direct,
        ptz,
        talk,
        recording,
        footage,
        seal: (secret) => seal(webcrypto, identity.sealingPublicKey, sealingContext(edgeId), secret),
        inventoryChanged,
      }),
      clock,
      log: log.child({ part: 'commands' }),
      reply: (json) => uplink.reply(json),
    });

    let refresh: TimerHandle | null = null;
    let said = '';
    const refreshInventory = (): void => {
      const now = JSON.stringify(registry.list());
      if (now !== said) inventoryChanged();
      said = now;
    };
    const collector = new Collector({ clock });
    const listens = (name: string, host: string, port: number): void => board.listens(name, `${host}:${port}`);

    return [
      { name: 'collector', start: () => collector.start(), stop: () => collector.stop() },
      { name: 'outbox', start: () => uplink.start(), stop: () => uplink.stop() },
      { name: 'recording index', start: () => recordingDatabase.start(), stop: () => recordingDatabase.stop() },
      { name: 'recording disk', start: () => disk.start(), stop: () => disk.stop() },
      { name: 'recording', start: () => recording.start(), stop: () => recording.stop() },
      { name: 'media', stop: () => media.stop() },
      { name: 'streams', stop: () => pool.stop() },
      { name: 'device store', start: () => deviceDatabase.start(), stop: () => deviceDatabase.stop() },
      { name: 'encoders', stop: () => transcodes.stop() },
      { name: 'live', stop: () => live.stop() },
      { name: 'direct viewers', stop: () => direct?.stop() },
      { name: 'devices', start: () => registry.start(), stop: () => registry.stop() },
      { name: 'ptz', stop: () => ptz.stop() },
      { name: 'talk', stop: () => talk.stop() },
      {
        name: 'alarm boxes',
        start: async () => {
          if (dc09 === null) return;
          await dc09.receiver.start();
          listens('sia-dc09', config.dc09.host, dc09.receiver.port);
        },
        stop: () => dc09?.receiver.stop(),
      },
      {
        name: 'monitoring stations',
        start: async () => {
          if (hj212 === null) return;
          await hj212.receiver.start();
          listens('hj212', config.hj212.host, hj212.receiver.port);
        },
        stop: () => hj212?.receiver.stop(),
      },
      {
        name: 'local broker',
        start: async () => {
          if (mqtt === null) return;
          await mqtt.broker.start();
          listens('mqtt', config.localBroker.host, mqtt.broker.port);
        },
        stop: () => mqtt?.broker.stop(),
      },
      {
        name: 'republish',
        start: async () => {
          if (republish !== null) listens('rtsp', config.republish.host, await republish.start());
        },
        stop: () => republish?.stop(),
      },
      {
        name: 'discovery',
        start: () => (config.discovery.enabled ? discovery.start() : undefined),
        stop: () => discovery.stop(),
      },
      { name: 'footage', stop: () => footage.stop() },
      { name: 'orders', stop: () => dispatcher.stop() },
      {
        name: 'inventory refresh',
        start: () => {
          refresh = clock.every(REFRESH_MS, refreshInventory);
        },
        stop: () => refresh?.cancel(),
      },
      {
        name: 'media link',
        start: () =>
          mediaLink.start(
            () => live.restart(),
            (payload) => live.onReceipts(payload),
            (payload) => talk.take(payload),
          ),
        stop: () => mediaLink.stop(),
      },
      { name: 'link', start: () => uplink.connect(), stop: () => uplink.disconnect() },
    ];
  }
}

function database(folder: string, name: string, migrations: readonly string[], log: Log): SqliteDatabase {
  return new SqliteDatabase({ file: join(folder, `${name}.sqlite`), migrations, log });
}
