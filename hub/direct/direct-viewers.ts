import { randomBytes } from 'node:crypto';
import type { Device } from '../../contract/api/devices.ts';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import { timeOrderedId } from '../../contract/ids.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { Session } from '../access/session.ts';
import type { Commands } from '../commands/commands.ts';

/** What {@link DirectViewers} is built from. */
export interface DirectViewersOptions {
  orders: Pick<Commands, 'send'>;
  clock: Clock;
  log: Log;
  device(deviceId: string): Device | null;
  /** A valid session that may be used; null when there is none. */
  session(sessionId: string): Promise<Session | null>;
  /** Whether somebody may see live pictures of a device in this region. */
  mayView(session: Session, regionId: string | null): boolean;
}

interface Viewer {
  edgeId: string;
  deviceId: string;
  /** Of the person, not of the connection. */
  accountSessionId: string;
  account: string;
  /** The edge has not answered the last order about it. */
  isAsked: boolean;
  /** When the edge last said that it goes on, monotonic. */
  renewedAtMs: number;
}

const LEASE_MS = 15_000;
const RENEW_EVERY_MS = 5000;
const ORDER_TIMEOUT_MS = 8000;
/** Per account; a wall of 36 tiles has one enlarged at a time. */
const PER_ACCOUNT_MAX = 16;

/**
 * Viewers that take streams straight from their edges. The pictures do not pass here; the right to see them does: every
 * few seconds each viewer's sign-in, role and area are looked at again, and an edge that hears nothing ends the session.
 */
export class DirectViewers {
  readonly #options: DirectViewersOptions;
  readonly #viewers = new Map<string, Viewer>();
  #timer: TimerHandle | null = null;

  constructor(options: DirectViewersOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = this.#options.clock.every(RENEW_EVERY_MS, () => {
      for (const directId of this.#viewers.keys()) void this.#renew(directId);
    });
  }

  /** Ends every session. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    await Promise.all([...this.#viewers.keys()].map((directId) => this.#end(directId)));
  }

  get count(): number {
    return this.#viewers.size;
  }

  /**
   * Introduces a viewer to the edge of a device. The caller has checked role and area.
   * @throws SharpEyesError LIMIT_REACHED, EDGE_OFFLINE, TIMEOUT, or what the edge answers
   */
  async open(
    session: Session,
    { deviceId, edgeId }: Device,
    stream: 'main' | 'sub',
    offer: string,
  ): Promise<{ directId: string; answer: string }> {
    const { account, sessionId: accountSessionId } = session;
    const own = [...this.#viewers.values()].filter((viewer) => viewer.account === account);
    if (own.length >= PER_ACCOUNT_MAX) {
      throw new SharpEyesError('LIMIT_REACHED', `one account takes at most ${PER_ACCOUNT_MAX} streams from edges`);
    }
    const directId = timeOrderedId(this.#options.clock.nowMs(), randomBytes(16));
    const renewedAtMs = this.#options.clock.monotonicMs();
    const viewer: Viewer = { edgeId, deviceId, accountSessionId, account, isAsked: true, renewedAtMs };
    this.#viewers.set(directId, viewer);
    try {
      const params = { deviceId, stream, sessionId: directId, offer, leaseMs: LEASE_MS };
      const { answer } = await this.#options.orders.send(edgeId, 'direct.open', params, {
        timeoutMs: ORDER_TIMEOUT_MS,
      });
      viewer.isAsked = false;
      return { directId, answer };
    } catch (error) {
      this.#viewers.delete(directId);
      throw error;
    }
  }

  /** Ends a session of this account; any other is left alone without a word. */
  async close(session: Session, directId: string): Promise<void> {
    if (this.#viewers.get(directId)?.account === session.account) await this.#end(directId);
  }

  /** Looks again at whether the viewer may, and tells the edge. */
  async #renew(directId: string): Promise<void> {
    const viewer = this.#viewers.get(directId);
    if (viewer === undefined || viewer.isAsked) return;
    viewer.isAsked = true;
    try {
      if (!(await this.#mayGoOn(viewer))) return await this.#end(directId);
      const params = { sessionId: directId, leaseMs: LEASE_MS };
      await this.#options.orders.send(viewer.edgeId, 'direct.renew', params, { timeoutMs: RENEW_EVERY_MS });
      viewer.renewedAtMs = this.#options.clock.monotonicMs();
    } catch (error) {
      // An edge that is away ends the session by itself, and one that has ended it says so.
      this.#options.log.debug({ directId, reason: messageOf(error) }, 'a direct viewer was not renewed');
      const isOver = error instanceof SharpEyesError && error.code === 'NOT_FOUND';
      if (isOver || this.#options.clock.monotonicMs() - viewer.renewedAtMs >= LEASE_MS) this.#viewers.delete(directId);
    } finally {
      viewer.isAsked = false;
    }
  }

  async #mayGoOn({ accountSessionId, deviceId }: Viewer): Promise<boolean> {
    const { session: find, device: deviceOf, mayView } = this.#options;
    const session = await find(accountSessionId);
    const device = deviceOf(deviceId);
    return session !== null && device !== null && mayView(session, device.regionId);
  }

  async #end(directId: string): Promise<void> {
    const viewer = this.#viewers.get(directId);
    if (viewer === undefined) return;
    this.#viewers.delete(directId);
    try {
      const params = { sessionId: directId };
      await this.#options.orders.send(viewer.edgeId, 'direct.close', params, { timeoutMs: ORDER_TIMEOUT_MS });
    } catch (error) {
      this.#options.log.debug({ directId, reason: messageOf(error) }, 'the edge ends a direct viewer by its lease');
    }
  }
}
