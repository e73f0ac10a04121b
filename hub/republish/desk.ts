import type { Device } from '../../contract/api/devices.ts';
import { type ErrorCode, messageOf } from '../../contract/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { ReaderSecret } from '../../platform/rtsp-server/digest-gate.ts';
import type { ReadRefusal, ReadRequest } from '../../platform/rtsp-server/host.ts';
import type { Session } from '../access/session.ts';
import type { AuditRecord } from '../audit/audit-log.ts';
import type { FromRepublish, ReadDecision, ToRepublish } from './protocol.ts';

/** Accounts that other programs sign in with, as the desk needs them. */
export interface ReaderBook {
  secretOf(user: string): Promise<ReaderSecret | null>;
  /** Role and area of the person it belongs to, as they are now; null when it may not be used (any more). */
  personOf(user: string): Promise<Session | null>;
  used(user: string): Promise<void>;
}

/** What {@link RepublishDesk} is built from. */
export interface RepublishDeskOptions {
  readers: ReaderBook;
  device(deviceId: string): Device | null;
  mayView(person: Session, regionId: string | null): boolean;
  /** The reader counts as a viewer of the stream; gives its handle, or null when there are too many streams. */
  watch(device: Device, stream: 'main' | 'sub', watcher: string): number | null;
  unwatch(handle: number, watcher: string): void;
  post(message: ToRepublish): void;
  audit(record: AuditRecord): Promise<unknown>;
  log: Log;
}

interface Open {
  reader: ReadRequest;
  handle: number;
}

/**
 * Decides in the main thread who reads what over RTSP: by the role and the area of the person whose reader account it is,
 * at every DESCRIBE and again whenever they may have changed.
 */
export class RepublishDesk {
  readonly #options: RepublishDeskOptions;
  /** By the number of the request that opened it. */
  readonly #open = new Map<number, Open>();
  /** Released before it was decided. */
  readonly #deciding = new Set<number>();

  constructor(options: RepublishDeskOptions) {
    this.#options = options;
  }

  take(message: FromRepublish): void {
    switch (message.type) {
      case 'secret-of':
        return void this.#secretOf(message.request, message.user);
      case 'open':
        return void this.#decide(message.request, message.reader);
      case 'release':
        return this.#release(message.request);
      case 'play':
        return void this.#note('live.read.begin', message.reader, {});
      case 'stop':
        return void this.#note('live.read.end', message.reader, { ...message.facts });
      case 'refused':
        return void this.#noteRefusal(message.refusal);
    }
  }

  /** Asks again whether those who read may; `which` chooses them by the device. */
  async recheck(which: (reader: ReadRequest) => boolean): Promise<void> {
    for (const { reader } of [...this.#open.values()]) {
      if (!which(reader)) continue;
      const refusal = await this.#refusal(reader).catch(() => 'INTERNAL');
      if (refusal !== null) this.#options.post({ type: 'end', readerId: reader.readerId });
    }
  }

  /** The media thread is gone, and its readers with it. */
  clear(): void {
    for (const request of [...this.#open.keys()]) this.#release(request);
    this.#deciding.clear();
  }

  get readers(): number {
    return this.#open.size;
  }

  async #secretOf(request: number, user: string): Promise<void> {
    let secret: ReaderSecret | null = null;
    try {
      secret = await this.#options.readers.secretOf(user);
    } catch (error) {
      this.#options.log.error({ reason: messageOf(error) }, 'the password of a reader was not checked');
    }
    this.#options.post({ type: 'secret', request, secret });
  }

  async #decide(request: number, reader: ReadRequest): Promise<void> {
    this.#deciding.add(request);
    let decision: ReadDecision;
    try {
      const refusal = await this.#refusal(reader);
      const isReleased = !this.#deciding.has(request);
      decision = refusal === null && !isReleased ? this.#watch(request, reader) : refuse(refusal ?? 'TIMEOUT');
    } catch (error) {
      this.#options.log.error({ reason: messageOf(error) }, 'the right of a reader was not checked');
      decision = refuse('INTERNAL');
    }
    this.#deciding.delete(request);
    this.#options.post({ type: 'decision', request, decision });
  }

  /** Why a reader may not; null when it may. Nobody learns what exists outside the own area. */
  async #refusal({ user, deviceId }: ReadRequest): Promise<ErrorCode | null> {
    const person = await this.#options.readers.personOf(user);
    if (person === null) return 'NOT_ALLOWED';
    const device = this.#options.device(deviceId);
    return device !== null && this.#options.mayView(person, device.regionId) ? null : 'DEVICE_UNKNOWN';
  }

  #watch(request: number, reader: ReadRequest): ReadDecision {
    const device = this.#options.device(reader.deviceId);
    if (device === null) return refuse('DEVICE_UNKNOWN');
    const handle = this.#options.watch(device, reader.stream, watcher(request));
    if (handle === null) return refuse('LIMIT_REACHED');
    this.#open.set(request, { reader, handle });
    return { isOpen: true, handle, sound: device.edge?.abilities?.listen === true ? true : null };
  }

  #release(request: number): void {
    this.#deciding.delete(request);
    const open = this.#open.get(request);
    if (open === undefined) return;
    this.#open.delete(request);
    this.#options.unwatch(open.handle, watcher(request));
  }

  async #note(action: string, reader: ReadRequest, facts: Record<string, number>): Promise<void> {
    const { user, address, deviceId, stream, readerId } = reader;
    try {
      const person = await this.#options.readers.personOf(user);
      const details = { reader: user, stream, ...facts };
      await this.#options.audit({ account: person?.account ?? null, action, subject: deviceId, details, address });
      if (action === 'live.read.begin') await this.#options.readers.used(user);
    } catch (error) {
      // What cannot be written down may not be looked at.
      this.#options.log.error({ reason: messageOf(error) }, 'a look over RTSP could not be audited; it was ended');
      this.#options.post({ type: 'end', readerId });
    }
  }

  /** The account stays open: whoever was refused may have given any name. */
  async #noteRefusal({ user, address, reason, deviceId, suppressedBefore }: ReadRefusal): Promise<void> {
    const details = { reason, device: deviceId, suppressedBefore };
    try {
      await this.#options.audit({ account: null, action: 'live.read.refused', subject: user, details, address });
    } catch (error) {
      this.#options.log.error({ reason: messageOf(error) }, 'a refused look over RTSP could not be audited');
    }
  }
}

function watcher(request: number): string {
  return `rtsp/${request}`;
}

function refuse(code: ErrorCode): ReadDecision {
  return { isOpen: false, code, message: 'the stream may not be read' };
}
