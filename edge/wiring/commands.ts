import type { CommandParams, CommandResult } from '../../contract/command.ts';
import type { Candidate, DeviceConnection, DeviceIdentity, DriverName } from '../../contract/device.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { Sealed } from '../../contract/sealed.ts';
import type { CommandTable } from '../commands/dispatcher.ts';
import { type AllowedNetworks, parseDeviceUrl } from '../devices/allowed-networks.ts';
import type { DeviceRegistry } from '../devices/device-registry.ts';
import type { DeviceDriver } from '../devices/driver.ts';
import type { Direct } from '../direct/direct.ts';
import type { Live } from '../live/live.ts';
import type { ProfileCatalog } from '../profiles/catalog.ts';
import type { Ptz } from '../ptz/ptz.ts';
import type { Recording } from '../recording/recording.ts';
import type { Talk } from '../talk/talk.ts';
import type { FootageFetch } from './footage-fetch.ts';
import { ptzOrders } from './ptz-orders.ts';
import { talkOrders } from './talk.ts';

/** The part of discovery that orders use. */
export interface Candidates {
  run(addresses?: readonly string[]): Promise<number>;
  find(candidateId: string): { candidate: Candidate } | null;
  addByHand(address: string, name?: string): Candidate;
  acknowledge(candidateId: string): void;
  dismiss(candidateId: string): boolean;
}

/** What orders are carried out with. */
export interface CommandParts {
  registry: DeviceRegistry;
  drivers: Readonly<Record<DriverName, DeviceDriver>>;
  candidates: Candidates;
  /** Whether this edge searches, and which addresses it also asks one by one. */
  search: { enabled: boolean; unicast: readonly string[] };
  networks: AllowedNetworks;
  catalog: ProfileCatalog;
  live: Live;
  /** Null where viewers may not come directly. */
  direct: Direct | null;
  ptz: Ptz;
  talk: Talk;
  recording: Recording;
  footage: FootageFetch;
  seal(secret: string): Promise<Sealed>;
  inventoryChanged(): void;
}

/** Credentials that came inside an address, by candidate; most that are remembered. */
const REMEMBERED_MAX = 500;

/** Every order of the hub and what carries it out. */
export function commandTable(parts: CommandParts): CommandTable {
  const { registry, live, recording, candidates, catalog } = parts;
  const devices = new DeviceOrders(parts);
  return {
    'live.start': (params) => {
      if (!registry.has(params.deviceId)) throw unknownDevice(params.deviceId);
      return live.start(params);
    },
    'live.stop': ({ deviceId, stream, transcode }) => {
      live.end(deviceId, stream, transcode);
      return {};
    },
    'direct.open': (params) => {
      if (!registry.has(params.deviceId)) throw unknownDevice(params.deviceId);
      return demandDirect(parts).open(params);
    },
    'direct.renew': ({ sessionId, leaseMs }) => {
      demandDirect(parts).renew(sessionId, leaseMs);
      return {};
    },
    'direct.close': async ({ sessionId }) => {
      await parts.direct?.close(sessionId);
      return {};
    },
    ...ptzOrders(parts.ptz),
    ...talkOrders(parts.talk),
    'discovery.run': async () => {
      const { enabled, unicast } = parts.search;
      if (enabled) return { candidates: await candidates.run(unicast) };
      throw new SharpEyesError(
        'DEVICE_UNSUPPORTED',
        'this edge does not search: set discovery.enabled in its configuration',
      );
    },
    'candidate.add': (params) => devices.add(params),
    'candidate.dismiss': ({ candidateId }) => {
      if (!candidates.dismiss(candidateId)) throw new SharpEyesError('NOT_FOUND', `no candidate ${candidateId}`);
      parts.inventoryChanged();
      return {};
    },
    'device.probe': (params, signal) => devices.probe(params, signal),
    'device.register': (params) => devices.register(params),
    'device.remove': async ({ deviceId }) => {
      await registry.remove(deviceId);
      return {};
    },
    'device.snapshot': async ({ deviceId }, signal) => {
      const jpeg = await registry.snapshot(deviceId, signal);
      return { jpegBase64: Buffer.from(jpeg).toString('base64') };
    },
    'profile.list': () => ({
      profiles: catalog.list().map(({ id, driver, type, title, titleZh }) => ({ id, driver, type, title, titleZh })),
    }),
    'footage.timeline': ({ deviceId, stream, fromMs, toMs }) => recording.timeline({ deviceId, stream }, fromMs, toMs),
    'footage.fetch': (params) => parts.footage.fetch(params),
  };
}

/** Finding, probing and registering devices. */
class DeviceOrders {
  readonly #parts: CommandParts;
  readonly #typed = new Map<string, { username: string; password: string }>();
  readonly #identities = new Map<string, DeviceIdentity>();

  constructor(parts: CommandParts) {
    this.#parts = parts;
  }

  async add({ url, name }: CommandParams<'candidate.add'>): Promise<Candidate> {
    const { networks, candidates, inventoryChanged } = this.#parts;
    const typed = parseDeviceUrl(url);
    await networks.check(typed.url);
    const candidate = candidates.addByHand(typed.url, name ?? '');
    if (typed.username !== null) {
      const credentials = { username: typed.username, password: typed.password ?? '' };
      remember(this.#typed, candidate.candidateId, credentials);
    }
    inventoryChanged();
    return candidate;
  }

  async probe(params: CommandParams<'device.probe'>, signal: AbortSignal): Promise<CommandResult<'device.probe'>> {
    const { registry, drivers, networks, candidates } = this.#parts;
    const candidate = this.#candidate(params.candidateId);
    const connection = await this.#complete(params.connection, candidate);
    if (connection.url !== undefined) await networks.check(connection.url);
    candidates.acknowledge(candidate.candidateId);
    const driver = drivers[candidate.driver];
    const result = await driver.probe(await registry.open(connection), candidate.type, signal);
    if (result.identity !== null) remember(this.#identities, candidate.candidateId, result.identity);
    return result;
  }

  async register(params: CommandParams<'device.register'>): Promise<CommandResult<'device.register'>> {
    const { registry, candidates, inventoryChanged } = this.#parts;
    const { candidateId, connection, ...rest } = params;
    const candidate = candidateId === null ? null : (candidates.find(candidateId)?.candidate ?? null);
    if (candidateId !== null && candidate === null && connection.url === undefined) {
      throw new SharpEyesError('NOT_FOUND', 'the candidate is not there any more; search again');
    }
    const identity = candidateId === null ? undefined : this.#identities.get(candidateId);
    const device = await registry.register({
      ...rest,
      connection: await this.#complete(connection, candidate),
      ...(identity === undefined ? {} : { identity }),
    });
    if (candidate !== null) {
      candidates.acknowledge(candidate.candidateId);
      this.#typed.delete(candidate.candidateId);
      inventoryChanged();
    }
    return device;
  }

  #candidate(candidateId: string): Candidate {
    const found = this.#parts.candidates.find(candidateId);
    if (found === null) throw new SharpEyesError('NOT_FOUND', 'the candidate is not there any more; search again');
    return found.candidate;
  }

  /** The candidate's address and the credentials that were typed with it, where the order names none. */
  async #complete(given: DeviceConnection, candidate: Candidate | null): Promise<DeviceConnection> {
    let connection = given;
    if (given.url !== undefined) {
      const typed = parseDeviceUrl(given.url);
      connection = { ...given, url: typed.url };
    } else if (candidate !== null) {
      connection = { ...given, url: candidate.address };
    }
    const typed = candidate === null ? undefined : this.#typed.get(candidate.candidateId);
    if (connection.username !== undefined || typed === undefined) return connection;
    return { ...connection, username: typed.username, password: await this.#parts.seal(typed.password) };
  }
}

function demandDirect({ direct }: CommandParts): Direct {
  if (direct !== null) return direct;
  throw new SharpEyesError('DEVICE_UNSUPPORTED', 'this edge serves no viewers directly: see direct.enabled');
}

function unknownDevice(deviceId: string): SharpEyesError {
  return new SharpEyesError('DEVICE_UNKNOWN', `this edge has no device ${deviceId}`, { context: { deviceId } });
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= REMEMBERED_MAX) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
