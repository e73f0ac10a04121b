import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import type { TileReason } from '../../contract/live.ts';
import { streamKey } from '../../contract/topics.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { Commands } from '../commands/commands.ts';
import { refusalOf } from './tile-reason.ts';

/** An edge stops by itself when it hears nothing for this long. */
const LEASE_MS = 15_000;
const RENEW_MS = 5000;
const RETRY_MS = 3000;
const ORDER_TIMEOUT_MS = 8000;

/** What a lease is about. */
export interface LeasedStream {
  handle: number;
  edgeId: string;
  deviceId: string;
  stream: 'main' | 'sub';
  /** Encoded anew by the edge. */
  transcode: boolean;
}

/** What the viewers of a stream want of it together. */
export interface StreamDemand {
  /** 0 … 9, the highest of theirs. */
  priority: number;
  /** One of them wants sound. */
  audio: boolean;
}

/** What a {@link StreamLease} is built from. */
export interface StreamLeaseOptions {
  orders: Pick<Commands, 'send'>;
  clock: Clock;
  log: Log;
  demand: StreamDemand;
  /** The edge answered, or did not. */
  onChange(): void;
}

/**
 * Keeps one stream coming from its edge for as long as somebody watches:
 *
 *     begin ──► ordering ──ok──► held ──5 s──► ordering …
 *                  │ refused                      ▲
 *                  └────► waiting ──3 s, or poke──┘        any ──end──► ended (the edge is told to stop)
 */
export class StreamLease {
  readonly stream: LeasedStream;
  readonly #options: StreamLeaseOptions;
  #demand: StreamDemand;
  #sent: 'main' | 'sub' | null = null;
  #timer: TimerHandle | null = null;
  #isOrdering = false;
  #isAgain = false;
  #isEnded = false;
  #refusal: TileReason | null = null;

  constructor(stream: LeasedStream, options: StreamLeaseOptions) {
    this.stream = stream;
    this.#options = options;
    this.#demand = options.demand;
  }

  /** Its name in the topic at which it arrives. */
  get key(): string {
    return streamKey(this.stream.deviceId, this.stream.stream, this.stream.transcode);
  }

  /** The stream that the edge said it sends; null before its first answer. */
  get sent(): 'main' | 'sub' | null {
    return this.#sent;
  }

  /** Why the edge refused the last order; null when it did not. */
  get refusal(): TileReason | null {
    return this.#refusal;
  }

  /** What its viewers want has changed: the edge hears of it at once. */
  ask(demand: StreamDemand): void {
    const { priority, audio } = this.#demand;
    if (demand.priority === priority && demand.audio === audio) return;
    this.#demand = demand;
    this.poke();
  }

  /** Orders the stream now: at the beginning, and when the edge came back. */
  poke(): void {
    if (this.#isEnded) return;
    if (this.#isOrdering) {
      this.#isAgain = true;
      return;
    }
    this.#timer?.cancel();
    void this.#order();
  }

  /** The edge has to send the stream from its beginning: what arrives cannot be decoded. */
  async restart(): Promise<void> {
    await this.#stopAtEdge();
    this.poke();
  }

  /** Nobody watches any more. */
  async end(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#timer?.cancel();
    await this.#stopAtEdge();
  }

  async #order(): Promise<void> {
    const { edgeId, ...order } = this.stream;
    const { orders, clock, log, onChange } = this.#options;
    this.#isOrdering = true;
    try {
      const params = { ...order, ...this.#demand, leaseMs: LEASE_MS };
      const times = { timeoutMs: ORDER_TIMEOUT_MS, ttlMs: RENEW_MS };
      this.#sent = (await orders.send(edgeId, 'live.start', params, times)).stream;
      this.#refusal = null;
    } catch (error) {
      this.#refusal = refusalOf(error instanceof SharpEyesError ? error.code : null);
      log.debug({ ...this.stream, reason: messageOf(error) }, 'the edge does not send the stream; tried again');
    }
    this.#isOrdering = false;
    if (this.#isEnded) {
      // The order overtook the end: what it started has to be stopped.
      await this.#stopAtEdge();
      return;
    }
    onChange();
    const delayMs = this.#refusal === null ? RENEW_MS : RETRY_MS;
    this.#timer = clock.after(this.#isAgain ? 0 : delayMs, () => this.poke());
    this.#isAgain = false;
  }

  async #stopAtEdge(): Promise<void> {
    const { edgeId, deviceId, stream, transcode } = this.stream;
    const { orders, log } = this.#options;
    try {
      await orders.send(edgeId, 'live.stop', { deviceId, stream, transcode }, { timeoutMs: ORDER_TIMEOUT_MS });
    } catch (error) {
      // The lease ends by itself then.
      log.debug({ ...this.stream, reason: messageOf(error) }, 'the edge was not told to stop a stream');
    }
  }
}
