import type {
  DeviceAbilities,
  DeviceConnection,
  DeviceIdentity,
  DeviceType,
  DriverName,
  EdgeDevice,
  RecordingInfo,
} from '../../contract/device.ts';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import type { EdgeEvent, Sample } from '../../contract/event.ts';
import type { Sealed } from '../../contract/sealed.ts';
import type { Clock } from '../../platform/clock.ts';
import { type Log, redactUrl } from '../../platform/log.ts';
import type { AllowedNetworks } from './allowed-networks.ts';
import { type DeviceStore, type StoredDevice, UNKNOWN_IDENTITY } from './device-store.ts';
import type {
  DeviceDriver,
  DriverHandle,
  DriverPorts,
  DriverStatus,
  OpenConnection,
  PtzHead,
  StreamSourceInfo,
} from './driver.ts';
import type { StreamPool } from './stream-pool.ts';

/** What the registry does with the streams of a device that shall be recorded. */
export interface DeviceRecorder {
  /** The streams of a device are known, or come from elsewhere now. */
  begin(deviceId: string, resumed: boolean): Promise<void>;
  end(deviceId: string): Promise<void>;
  /** Of the first recorded stream; null when the device is not recorded. */
  info(deviceId: string): RecordingInfo | null;
}

/** What {@link DeviceRegistry} is built from. */
export interface RegistryOptions {
  store: DeviceStore;
  drivers: Readonly<Record<DriverName, DeviceDriver>>;
  pool: StreamPool;
  recorder: DeviceRecorder;
  networks: AllowedNetworks;
  unseal(sealed: Sealed): Promise<string>;
  commitAll: DriverPorts['commitAll'];
  sample(sample: Sample): void;
  newId(): string;
  maxDevices: number;
  /** Whether viewers may take pictures straight from this edge. */
  servesDirectly: boolean;
  /** Ends what somebody watches, because it goes away. */
  onStreamsGone(deviceId: string): void;
  /** The inventory would say something new. */
  onChange(): void;
  clock: Clock;
  log: Log;
}

/** A device that a person takes into service. */
export interface Registration {
  deviceId: string;
  driver: DriverName;
  type: DeviceType;
  connection: DeviceConnection;
  profileId: string | null;
  record: boolean;
  identity?: DeviceIdentity;
}

interface Running {
  stored: StoredDevice;
  handle: DriverHandle | null;
  status: DriverStatus;
  sinceMs: number;
  abilities: DeviceAbilities;
  /** It was in service before this process started. */
  resumed: boolean;
  /** Streams are taken over one after the other. */
  streamsTaken: Promise<void>;
  isStopped: boolean;
}

/** The devices in service: keeps them, starts and stops their drivers, knows their state. */
export class DeviceRegistry {
  readonly #options: RegistryOptions;
  readonly #devices = new Map<string, Running>();
  #last: Promise<void> = Promise.resolve();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** Starts the driver of every kept device; one that fails does not hold up the others. */
  async start(): Promise<void> {
    const stored = await this.#options.store.load();
    await Promise.all(stored.map((device) => this.#begin(device, true)));
  }

  async stop(): Promise<void> {
    await this.#last;
    await Promise.all([...this.#devices.values()].map((running) => this.#end(running)));
    this.#devices.clear();
  }

  /**
   * Takes a device into service, or changes one that is: it is stored first.
   * @throws SharpEyesError LIMIT_REACHED, ADDRESS_NOT_ALLOWED, CONFLICT, STORAGE_FULL …
   */
  register(registration: Registration): Promise<EdgeDevice> {
    return this.#inTurn(() => this.#register(registration));
  }

  /** Takes a device out of service. @throws SharpEyesError DEVICE_UNKNOWN */
  remove(deviceId: string): Promise<void> {
    return this.#inTurn(async () => {
      const running = this.#find(deviceId);
      this.#devices.delete(deviceId);
      await this.#options.store.remove(deviceId);
      await this.#end(running);
      this.#options.onChange();
    });
  }

  /** Devices come and go one after the other, whatever orders arrive meanwhile. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change);
    this.#last = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  async #register(registration: Registration): Promise<EdgeDevice> {
    const { store, maxDevices, networks, clock, onChange } = this.#options;
    const known = this.#devices.get(registration.deviceId);
    if (known === undefined && this.#devices.size >= maxDevices) {
      throw new SharpEyesError('LIMIT_REACHED', `this edge serves at most ${maxDevices} devices (limits.devices)`);
    }
    const { identity, deviceId, driver, type, profileId, record, connection } = registration;
    const rest = { deviceId, driver, type, profileId, record, connection };
    if (rest.connection.url !== undefined) await networks.check(rest.connection.url);
    await this.open(rest.connection);
    if (known !== undefined) await this.#end(known);
    const stored: StoredDevice = {
      ...rest,
      registeredAtMs: known?.stored.registeredAtMs ?? clock.nowMs(),
      identity: identity ?? known?.stored.identity ?? UNKNOWN_IDENTITY,
      online: null,
    };
    await store.save(stored);
    try {
      return this.#describe(await this.#begin(stored, false));
    } catch (error) {
      this.#devices.delete(stored.deviceId);
      await store.remove(stored.deviceId);
      if (known !== undefined) {
        await store.save(known.stored);
        await this.#begin(known.stored, true);
      }
      throw error;
    } finally {
      onChange();
    }
  }

  /** A still picture, JPEG. @throws SharpEyesError DEVICE_UNKNOWN, DEVICE_UNSUPPORTED … */
  async snapshot(deviceId: string, signal: AbortSignal): Promise<Uint8Array> {
    const { handle } = this.#find(deviceId);
    if (handle?.snapshot === undefined) {
      throw new SharpEyesError('DEVICE_UNSUPPORTED', `${deviceId} gives no still pictures`);
    }
    return handle.snapshot(signal);
  }

  /** How a camera is turned. @throws SharpEyesError DEVICE_UNKNOWN, DEVICE_UNSUPPORTED */
  ptz(deviceId: string): PtzHead {
    const head = this.#find(deviceId).handle?.ptz?.() ?? null;
    if (head !== null) return head;
    throw new SharpEyesError('DEVICE_UNSUPPORTED', `${deviceId} cannot be turned`, { context: { deviceId } });
  }

  /** Opens the secrets of a connection. @throws SharpEyesError INVALID_BODY when they were sealed to another edge */
  async open(connection: DeviceConnection): Promise<OpenConnection> {
    const { url = null, username = null, account = null, station, transport } = connection;
    const more = { ...(station === undefined ? {} : { station }), ...(transport === undefined ? {} : { transport }) };
    if (connection.password === undefined) return { url, username, password: null, account, ...more };
    try {
      return { url, username, password: await this.#options.unseal(connection.password), account, ...more };
    } catch {
      // Without the cause: nothing about a secret goes anywhere.
      const message = 'the password cannot be opened: it was sealed to another edge; enter it again';
      throw new SharpEyesError('INVALID_BODY', message);
    }
  }

  /** A device answers at another address now; those registered under the old one follow it. */
  moved(fromUrl: string, toUrl: string): void {
    for (const { stored } of this.#devices.values()) {
      if (stored.connection.url !== fromUrl) continue;
      const { deviceId } = stored;
      this.#options.log.info({ deviceId, fromUrl, toUrl }, 'the device has a new address');
      this.register({ ...stored, connection: { ...stored.connection, url: toUrl } }).catch((error) => {
        this.#options.log.warn({ deviceId }, `the device cannot be served at its new address: ${messageOf(error)}`);
      });
    }
  }

  /** Whether a device is in service. */
  has(deviceId: string): boolean {
    return this.#devices.has(deviceId);
  }

  /** Whether a device shall be recorded. */
  records(deviceId: string): boolean {
    return this.#devices.get(deviceId)?.stored.record === true;
  }

  /** Every device as it stands in the inventory. */
  list(): EdgeDevice[] {
    return [...this.#devices.values()].map((running) => this.#describe(running));
  }

  #find(deviceId: string): Running {
    const running = this.#devices.get(deviceId);
    if (running !== undefined) return running;
    throw new SharpEyesError('DEVICE_UNKNOWN', `this edge has no device ${deviceId}`, { context: { deviceId } });
  }

  async #begin(stored: StoredDevice, resumed: boolean): Promise<Running> {
    const { drivers, clock, log, networks } = this.#options;
    const running: Running = {
      stored,
      handle: null,
      status: { online: false, reason: 'connecting', clockOffsetMs: null },
      sinceMs: clock.nowMs(),
      abilities: { ptz: false, listen: false, talk: false },
      resumed,
      streamsTaken: Promise.resolve(),
      isStopped: false,
    };
    this.#devices.set(stored.deviceId, running);
    const { deviceId, type, profileId } = stored;
    try {
      if (stored.connection.url !== undefined && resumed) await networks.check(stored.connection.url);
      const connection = await this.open(stored.connection);
      running.handle = await drivers[stored.driver].start(
        { deviceId, type, profileId, connection },
        this.#ports(running),
      );
    } catch (error) {
      const reason = reasonFor(error);
      log.error({ deviceId, reason }, `the device cannot be served: ${messageOf(error)}`);
      this.#onStatus(running, { online: false, reason, clockOffsetMs: null });
      if (!resumed) throw error;
    }
    return running;
  }

  async #end(running: Running): Promise<void> {
    const { recorder, pool, onStreamsGone } = this.#options;
    const { deviceId } = running.stored;
    running.isStopped = true;
    await running.handle?.stop();
    await running.streamsTaken;
    onStreamsGone(deviceId);
    await recorder.end(deviceId);
    await pool.remove(deviceId);
  }

  #ports(running: Running): Parameters<DeviceDriver['start']>[1] {
    const { commitAll, sample } = this.#options;
    return {
      commitAll,
      sample,
      onStatus: (status) => this.#onStatus(running, status),
      onIdentity: (identity) => this.#onIdentity(running, identity),
      onStreams: (streams) => {
        running.streamsTaken = running.streamsTaken.then(() => this.#takeStreams(running, streams));
      },
      onAbilities: (abilities) => {
        const said = JSON.stringify(running.abilities);
        if (running.isStopped || JSON.stringify(abilities) === said) return;
        running.abilities = abilities;
        this.#options.onChange();
      },
    };
  }

  #onStatus(running: Running, status: DriverStatus): void {
    const { clock, onChange } = this.#options;
    if (running.isStopped) return;
    const before = running.status;
    running.status = status;
    if (before.online !== status.online || before.reason !== status.reason) running.sinceMs = clock.nowMs();
    else if (before.clockOffsetMs === status.clockOffsetMs) return;
    onChange();
    if (status.reason === 'connecting' || running.stored.online === status.online) return;
    const isFirst = running.stored.online === null;
    running.stored = { ...running.stored, online: status.online };
    this.#save(running.stored);
    // The first state of a new device is no news: somebody has just put it in.
    if (!isFirst) this.#tell(running, status);
  }

  #tell({ stored }: Running, status: DriverStatus): void {
    const { clock, commitAll, newId, log } = this.#options;
    const { deviceId } = stored;
    const kind = status.online ? 'device.online' : 'device.offline';
    const event: EdgeEvent = {
      id: newId(),
      deviceId,
      kind,
      state: 'pulse',
      priority: status.online ? 4 : 3,
      deviceAtMs: null,
      edgeAtMs: clock.nowMs(),
      data: { reason: status.reason },
    };
    commitAll([{ event }]).catch((error) => log.error({ deviceId, kind }, `event not stored: ${messageOf(error)}`));
  }

  #onIdentity(running: Running, identity: DeviceIdentity): void {
    if (running.isStopped || JSON.stringify(identity) === JSON.stringify(running.stored.identity)) return;
    running.stored = { ...running.stored, identity };
    this.#save(running.stored);
    this.#options.onChange();
  }

  #save(stored: StoredDevice): void {
    const { store, log } = this.#options;
    const { deviceId } = stored;
    store.save(stored).catch((error) => log.error({ deviceId }, `device not stored: ${messageOf(error)}`));
  }

  async #takeStreams(running: Running, streams: readonly StreamSourceInfo[]): Promise<void> {
    const { networks, pool, recorder, log, onStreamsGone, onChange } = this.#options;
    const { deviceId, record } = running.stored;
    try {
      if (running.isStopped) return;
      // A device may name any address as its stream's; it must not lead the edge elsewhere.
      for (const { url } of streams) await networks.check(url);
      if (!(await pool.setSources(deviceId, streams))) return;
      onStreamsGone(deviceId);
      if (record && pool.has(deviceId)) await recorder.begin(deviceId, running.resumed);
      running.resumed = false;
    } catch (error) {
      const urls = streams.map(({ url }) => redactUrl(url)).join(', ');
      log.warn({ deviceId, urls }, `the device's streams cannot be used: ${messageOf(error)}`);
      this.#onStatus(running, { ...running.status, reason: reasonFor(error) });
    }
    onChange();
  }

  #describe({ stored, status, sinceMs, abilities }: Running): EdgeDevice {
    const { deviceId, driver, type, identity, profileId, connection } = stored;
    const { pool, servesDirectly } = this.#options;
    const sound = pool.sound(deviceId);
    const address = connection.url ?? connection.account ?? connection.station ?? connection.username ?? '';
    return {
      deviceId,
      driver,
      type,
      address: address.slice(0, 512),
      identity,
      profileId,
      online: status.online,
      reason: status.reason,
      sinceMs,
      clockOffsetMs: status.clockOffsetMs,
      streams: pool.info(deviceId),
      recording: stored.record ? this.#options.recorder.info(deviceId) : null,
      abilities: {
        ptz: abilities.ptz,
        listen: abilities.listen || sound.listen,
        talk: abilities.talk || sound.talk,
        direct: servesDirectly && pool.has(deviceId),
      },
    };
  }
}

function reasonFor(error: unknown): DriverStatus['reason'] {
  return error instanceof SharpEyesError && error.code === 'ADDRESS_NOT_ALLOWED'
    ? 'address-not-allowed'
    : 'unreachable';
}
