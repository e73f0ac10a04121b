import type { Device } from '../../contract/api/devices.ts';
import type { PtzControl } from '../../contract/api/ptz.ts';
import type { CommandName, CommandParams, CommandResult, PtzPreset } from '../../contract/command.ts';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { Session } from '../access/session.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Commands } from '../commands/commands.ts';
import type { HubEvents } from '../hub-events.ts';
import { PtzLocks } from './ptz-locks.ts';

/** What {@link Ptz} is built from. */
export interface PtzOptions {
  orders: Pick<Commands, 'send'>;
  audit: Pick<AuditLog, 'append'>;
  events: HubEvents;
  device(deviceId: string): Device | null;
  /** Whether somebody may turn a camera in this region. */
  mayTurn(session: Session, regionId: string | null): boolean;
  /** The session as it is now; null when it is over. */
  session(sessionId: string): Promise<Session | null>;
  clock: Clock;
  log: Log;
}

/** Who asks, and from where. */
export interface PtzCaller {
  session: Session;
  address: string;
}

type PtzOrder = Extract<CommandName, `ptz.${string}`>;

/** A camera answers within three seconds or is given up by its edge; the line has its share. */
const ORDER_TIMEOUT_MS = 6000;
/** Lists of hundreds of positions. */
const LIST_TIMEOUT_MS = 12_000;
/** A camera on its way to a position is still being turned. */
const GOTO_MS = 3000;

/** Turning cameras: one person at a time, each order to the camera's edge, and what counts in the audit log. */
export class Ptz {
  readonly #options: PtzOptions;
  readonly #locks: PtzLocks;
  /** Holds that are being written down, by device. */
  readonly #beginning = new Map<string, Promise<void>>();
  #unlisten: (() => void)[] = [];

  constructor(options: PtzOptions) {
    this.#options = options;
    this.#locks = new PtzLocks(options.clock, (control) => this.#announce(control));
  }

  start(): void {
    const { events } = this.#options;
    this.#unlisten = [
      events.on('sessionEnded', (ended) => {
        this.#end((sessionId, { account }) =>
          'sessionId' in ended
            ? ended.sessionId === sessionId
            : ended.account === account && ended.exceptSessionId !== sessionId,
        );
      }),
      events.on('accountChanged', (account) => void this.#recheck((holder) => holder === account)),
      events.on('device', ({ deviceId }) => void this.#recheck((_account, held) => held === deviceId)),
      events.on('deviceRemoved', (deviceId) => {
        this.#locks.release((_sessionId, _holder, held) => held === deviceId);
      }),
    ];
  }

  stop(): void {
    for (const unlisten of this.#unlisten) unlisten();
    this.#locks.stop();
  }

  /** Every camera that somebody turns. */
  controls(): PtzControl[] {
    return this.#locks.list();
  }

  /** Rejects with PTZ_BUSY, DEVICE_UNSUPPORTED, EDGE_OFFLINE, TIMEOUT or the edge's error. */
  async move(caller: PtzCaller, device: Device, speed: Omit<CommandParams<'ptz.move'>, 'deviceId'>): Promise<void> {
    this.#demandTurns(device);
    await this.#take(caller, device, speed.timeoutMs);
    const { deviceId } = device;
    const options = { timeoutMs: ORDER_TIMEOUT_MS, ttlMs: speed.timeoutMs };
    await this.#options.orders.send(device.edgeId, 'ptz.move', { deviceId, ...speed }, options);
  }

  /** Whoever does not hold the camera stops nothing: it is not theirs. */
  async halt({ session }: PtzCaller, device: Device): Promise<void> {
    this.#demandTurns(device);
    this.#locks.demandFree(device.deviceId, session);
    if (this.#locks.holderOf(device.deviceId) !== null) this.#locks.take(device.deviceId, session, 0);
    await this.#order(device, 'ptz.stop', { deviceId: device.deviceId });
  }

  async takeOver(caller: PtzCaller, device: Device): Promise<PtzControl> {
    this.#demandTurns(device);
    const { deviceId } = device;
    const { from, isNew } = this.#locks.takeOver(deviceId, caller.session);
    if (!isNew) await this.#beginning.get(deviceId);
    else if (from === null) await this.#begin(caller, device, 'ptz.control', {});
    else await this.#begin(caller, device, 'ptz.take-over', { from: from.account });
    if (from !== null) await this.#order(device, 'ptz.stop', { deviceId });
    return { deviceId, holder: this.#locks.holderOf(deviceId) };
  }

  async presets(device: Device): Promise<PtzPreset[]> {
    this.#demandTurns(device);
    const { presets } = await this.#order(device, 'ptz.presets', { deviceId: device.deviceId }, LIST_TIMEOUT_MS);
    return presets;
  }

  async goto(caller: PtzCaller, device: Device, token: string): Promise<void> {
    this.#demandTurns(device);
    await this.#take(caller, device, GOTO_MS);
    await this.#record(caller, 'ptz.goto', device, { token });
    await this.#order(device, 'ptz.goto', { deviceId: device.deviceId, token });
  }

  async remember(caller: PtzCaller, device: Device, name: string, token?: string): Promise<PtzPreset> {
    this.#demandTurns(device);
    this.#locks.demandFree(device.deviceId, caller.session);
    const order = { deviceId: device.deviceId, name, ...(token === undefined ? {} : { token }) };
    const preset = await this.#order(device, 'ptz.remember', order, LIST_TIMEOUT_MS);
    await this.#record(caller, 'ptz.remember', device, { token: preset.token, name, replaced: token !== undefined });
    return preset;
  }

  async forget(caller: PtzCaller, device: Device, token: string): Promise<void> {
    this.#demandTurns(device);
    this.#locks.demandFree(device.deviceId, caller.session);
    await this.#record(caller, 'ptz.forget', device, { token });
    await this.#order(device, 'ptz.forget', { deviceId: device.deviceId, token }, LIST_TIMEOUT_MS);
  }

  #demandTurns(device: Device): void {
    if (device.edge?.abilities?.ptz === true) return;
    throw new SharpEyesError('DEVICE_UNSUPPORTED', `${device.name} cannot be turned`);
  }

  async #take(caller: PtzCaller, device: Device, forMs: number): Promise<void> {
    const { deviceId } = device;
    const isNew = this.#locks.take(deviceId, caller.session, forMs);
    if (isNew) await this.#begin(caller, device, 'ptz.control', {});
    else await this.#beginning.get(deviceId);
    // Somebody may have taken it over while that was written down.
    this.#locks.demandFree(deviceId, caller.session);
  }

  /** A hold that cannot be written down ends, and so does every order that waits for it. */
  async #begin(caller: PtzCaller, device: Device, action: string, details: Record<string, string>): Promise<void> {
    const { deviceId } = device;
    const holder = this.#locks.holderOf(deviceId);
    const written = this.#record(caller, action, device, details);
    this.#beginning.set(deviceId, written);
    try {
      await written;
    } catch (error) {
      this.#locks.drop(deviceId, holder);
      throw error;
    } finally {
      if (this.#beginning.get(deviceId) === written) this.#beginning.delete(deviceId);
    }
  }

  #order<N extends PtzOrder>(
    device: Device,
    name: N,
    params: CommandParams<N>,
    timeoutMs = ORDER_TIMEOUT_MS,
  ): Promise<CommandResult<N>> {
    return this.#options.orders.send(device.edgeId, name, params, { timeoutMs });
  }

  async #record(
    { session, address }: PtzCaller,
    action: string,
    device: Device,
    details: Record<string, string | boolean>,
  ): Promise<void> {
    const { account } = session;
    await this.#options.audit.append({ account, action, subject: device.deviceId, details, address });
  }

  /** Who holds a camera may have lost the right to it. */
  async #recheck(isMeant: (account: string, deviceId: string) => boolean): Promise<void> {
    const { session, mayTurn, device, log } = this.#options;
    const lost = new Set<string>();
    for (const { deviceId, sessionId, account } of this.#locks.sessions()) {
      if (!isMeant(account, deviceId)) continue;
      try {
        const now = await session(sessionId);
        const place = device(deviceId);
        if (now === null || place === null || !mayTurn(now, place.regionId)) lost.add(deviceId);
      } catch (error) {
        log.warn({ deviceId, reason: messageOf(error) }, 'the session of whoever turns a camera was not checked');
        lost.add(deviceId);
      }
    }
    if (lost.size > 0) this.#end((_sessionId, _holder, deviceId) => lost.has(deviceId));
  }

  #end(isMeant: Parameters<PtzLocks['release']>[0]): void {
    for (const deviceId of this.#locks.release(isMeant)) {
      const device = this.#options.device(deviceId);
      if (device === null) continue;
      // When it cannot be told, the edge stops it by itself a moment later.
      this.#order(device, 'ptz.stop', { deviceId }).catch((error: unknown) => {
        this.#options.log.info({ deviceId, reason: messageOf(error) }, 'a camera could not be told to stop');
      });
    }
  }

  #announce(control: PtzControl): void {
    const regionId = this.#options.device(control.deviceId)?.regionId ?? null;
    this.#options.events.emit('ptz', control, regionId);
  }
}
