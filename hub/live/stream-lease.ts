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
  readonly #orders: Pick<Commands, 'send'>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onChange: () => void;
  #timer: TimerHandle | null = null;
  #isOrdering = false;
  #isAgain = false;
  #isEnded = false;
  #refusal: TileReason | null = null;

  constructor(
    stream: LeasedStream,
    { orders, clock, log, onChange }: { orders: Pick<Commands, 'send'>; clock: Clock; log: Log; onChange: () => void },
  ) {
    this.stream = stream;
    this.#orders = orders;
    this.#clock = clock;
    this.#log = log;
    this.#onChange = onChange;
  }

  get key(): string {
    return streamKey(this.stream.deviceId, this.stream.stream);
  }

  /** Why the edge refused the last order; null when it did not. */
  get refusal(): TileReason | null {
    return this.#refusal;
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
    const { edgeId, deviceId, stream, handle } = this.stream;
    this.#isOrdering = true;
    try {
      const params = { deviceId, stream, handle, leaseMs: LEASE_MS };
      await this.#orders.send(edgeId, 'live.start', params, { timeoutMs: ORDER_TIMEOUT_MS, ttlMs: RENEW_MS });
      this.#refusal = null;
    } catch (error) {
      this.#refusal = refusalOf(error instanceof SharpEyesError ? error.code : null);
      this.#log.debug({ ...this.stream, reason: messageOf(error) }, 'the edge does not send the stream; tried again');
    }
    this.#isOrdering = false;
    if (this.#isEnded) {
      // The order overtook the end: what it started has to be stopped.
      await this.#stopAtEdge();
      return;
    }
    this.#onChange();
    const delayMs = this.#refusal === null ? RENEW_MS : RETRY_MS;
    this.#timer = this.#clock.after(this.#isAgain ? 0 : delayMs, () => this.poke());
    this.#isAgain = false;
  }

  async #stopAtEdge(): Promise<void> {
    const { edgeId, deviceId, stream } = this.stream;
    try {
      await this.#orders.send(edgeId, 'live.stop', { deviceId, stream }, { timeoutMs: ORDER_TIMEOUT_MS });
    } catch (error) {
      // The lease ends by itself then.
      this.#log.debug({ ...this.stream, reason: messageOf(error) }, 'the edge was not told to stop a stream');
    }
  }
}
