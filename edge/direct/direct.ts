import type { CommandParams } from '../../contract/command.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { OpenStream, StreamOpener } from '../live/lease.ts';
import { DirectSender } from './direct-sender.ts';
import { offersH264 } from './offer-sdp.ts';
import { type DirectAddresses, type DirectPeer, type DirectPeerEvents, openDirectPeer } from './webrtc-peer.ts';

/** What {@link Direct} is built from. */
export interface DirectOptions {
  open: StreamOpener;
  addresses: DirectAddresses;
  maxSessions: number;
  clock: Clock;
  log: Log;
  /** Makes the connection; a test puts its own in its place. */
  openPeer?(addresses: DirectAddresses, events: DirectPeerEvents, clock: Clock): Promise<DirectPeer>;
}

interface Session {
  deviceId: string;
  opened: OpenStream;
  /** Null until it is made. */
  peer: DirectPeer | null;
  sender: DirectSender;
  unsubscribe: () => void;
  /** The hub's word; it is renewed, whatever becomes of the connection. */
  lease: TimerHandle;
  connectBy: TimerHandle;
}

/** A viewer that has not connected after this long is not in the same network. */
const CONNECT_WITHIN_MS = 10_000;

/**
 * Viewers that take a stream straight from the edge over WebRTC. The hub has said yes to each of them and goes on saying
 * so: a session whose lease is not renewed ends.
 *
 *     open ──► opening ──connected──► playing ──lease over, close, viewer or source gone──► ended
 *                 └──10 s without connection, or not H.264────────────────────────────────────▲
 */
export class Direct {
  readonly #options: DirectOptions;
  readonly #sessions = new Map<string, Session>();

  constructor(options: DirectOptions) {
    this.#options = options;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /**
   * Answers a viewer's offer.
   * @throws SharpEyesError LIMIT_REACHED, STREAM_UNKNOWN, CONFLICT for a session id in use, STREAM_UNSUPPORTED for an
   *   offer without H.264 or one that cannot be read
   */
  async open(params: CommandParams<'direct.open'>): Promise<{ answer: string }> {
    const { deviceId, stream, sessionId, offer, leaseMs } = params;
    const { maxSessions, log } = this.#options;
    if (this.#sessions.has(sessionId)) throw new SharpEyesError('CONFLICT', `session ${sessionId} is open already`);
    if (this.#sessions.size >= maxSessions) {
      throw new SharpEyesError('LIMIT_REACHED', `this edge serves at most ${maxSessions} viewers directly`);
    }
    if (!offersH264(offer)) throw new SharpEyesError('STREAM_UNSUPPORTED', 'the viewer does not take H.264 directly');
    const opened = this.#options.open(deviceId, stream, false);
    const lease = this.#expiry(sessionId, leaseMs);
    const connectBy = this.#expiry(sessionId, CONNECT_WITHIN_MS);
    const sender = new DirectSender(
      (packet) => session.peer?.send(packet),
      () => void this.close(sessionId),
    );
    const unsubscribe = (): void => undefined;
    const session: Session = { deviceId, opened, sender, peer: null, unsubscribe, lease, connectBy };
    this.#sessions.set(sessionId, session);
    try {
      return { answer: await this.#answer(sessionId, session, offer) };
    } catch (cause) {
      await this.close(sessionId);
      log.debug({ sessionId, err: cause }, 'a direct viewer could not be answered');
      if (cause instanceof SharpEyesError) throw cause;
      throw new SharpEyesError('STREAM_UNSUPPORTED', "the viewer's offer cannot be answered", { cause });
    }
  }

  /** @throws SharpEyesError NOT_FOUND when the session is over */
  renew(sessionId: string, leaseMs: number): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) throw new SharpEyesError('NOT_FOUND', `there is no direct session ${sessionId}`);
    session.lease.cancel();
    session.lease = this.#expiry(sessionId, leaseMs);
  }

  /** Ends a session; one that is over is fine. */
  async close(sessionId: string): Promise<void> {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    this.#sessions.delete(sessionId);
    session.lease.cancel();
    session.connectBy.cancel();
    session.unsubscribe();
    session.opened.release();
    await session.peer?.close();
  }

  /** A device goes away or its streams come from elsewhere now. */
  endDevice(deviceId: string): void {
    for (const [sessionId, session] of this.#sessions) if (session.deviceId === deviceId) void this.close(sessionId);
  }

  /** Ends all sessions. */
  async stop(): Promise<void> {
    await Promise.all([...this.#sessions.keys()].map((sessionId) => this.close(sessionId)));
  }

  async #answer(sessionId: string, session: Session, offer: string): Promise<string> {
    const { addresses, clock, openPeer = openDirectPeer } = this.#options;
    const events = { onConnected: () => this.#play(sessionId, session), onClosed: () => void this.close(sessionId) };
    const peer = await openPeer(addresses, events, clock);
    // It may have been closed while the connection was being made.
    if (this.#sessions.get(sessionId) !== session) {
      await peer.close();
      throw new SharpEyesError('NOT_FOUND', `the direct session ${sessionId} was closed`);
    }
    session.peer = peer;
    return peer.answer(offer);
  }

  /** From the next key frame on: a browser shows a kept group of pictures at its own pace and stays behind for good. */
  #play(sessionId: string, session: Session): void {
    session.connectBy.cancel();
    session.unsubscribe = session.opened.subscribe(session.sender, { withLastGop: false });
    // A source that is over says so while it is being subscribed to.
    if (this.#sessions.get(sessionId) !== session) session.unsubscribe();
  }

  #expiry(sessionId: string, leaseMs: number): TimerHandle {
    return this.#options.clock.after(leaseMs, () => void this.close(sessionId));
  }
}
