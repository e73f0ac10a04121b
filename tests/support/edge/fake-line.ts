import { type MediaParts, parseMediaMessage } from '../../../contract/media-frame.ts';
import { buildReceipts, type MediaReceipt } from '../../../contract/receipt.ts';
import type { MediaTransport } from '../../../edge/live/media-link.ts';
import type { FakeClock } from '../fake-clock.ts';

/** How a {@link FakeLine} is. */
export interface FakeLineOptions {
  bitsPerSecond: number;
  roundTripMs: number;
  /** Share of packets that get lost; each holds up everything behind it for a round trip. */
  loss: number;
  seed: number;
}

const PACKET_BYTES = 1448;
const RECEIPTS_EVERY_MS = 100;
const AT_ONCE_BYTES = 64 * 1024;

/**
 * A TCP connection over a thin line, on the fake clock: bytes leave at the rate, arrive in order, and a lost packet holds
 * everything behind it up until it has been sent again. At its end sits a hub that writes receipts.
 */
export class FakeLine implements MediaTransport {
  readonly #clock: FakeClock;
  readonly options: FakeLineOptions;
  readonly #arrived = new Map<number, MediaReceipt>();
  readonly #underWay: { atMs: number; bytes: number }[] = [];
  #unsaidBytes = 0;
  #random: number;
  #freeAtMs = 0;
  #heldUntilMs = 0;
  connected = true;
  /** Every message in the order and with the time of its arrival. */
  readonly delivered: { atMs: number; topic: string; bytes: Uint8Array }[] = [];
  onReceipts: (payload: Uint8Array) => void = () => undefined;
  onSent: () => void = () => undefined;

  constructor(clock: FakeClock, options: Partial<FakeLineOptions> = {}) {
    this.#clock = clock;
    this.options = { bitsPerSecond: 4_000_000, roundTripMs: 200, loss: 0, seed: 1, ...options };
    this.#random = this.options.seed;
    clock.every(RECEIPTS_EVERY_MS, () => this.#receipts());
  }

  get queuedBytes(): number {
    return 0;
  }

  /** Nothing arrives for a while, and then everything at once. */
  stall(ms: number): void {
    this.#heldUntilMs = this.#clock.monotonicMs() + ms;
  }

  /** Bytes that were sent and have not arrived. */
  get underWayBytes(): number {
    return this.#underWay.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  send(topic: string, { head, body }: MediaParts): void {
    const message = Buffer.concat([head, body]);
    const { bitsPerSecond, roundTripMs, loss } = this.options;
    const nowMs = this.#clock.monotonicMs();
    this.#freeAtMs = Math.max(nowMs, this.#freeAtMs) + (message.length * 8000) / bitsPerSecond;
    let atMs = this.#freeAtMs + roundTripMs / 2;
    for (let sent = 0; sent < message.length; sent += PACKET_BYTES) if (this.#next() < loss) atMs += roundTripMs;
    this.#heldUntilMs = Math.max(this.#heldUntilMs, atMs);
    const entry = { atMs: this.#heldUntilMs, bytes: message.length };
    this.#underWay.push(entry);
    this.#clock.after(this.#heldUntilMs - nowMs, () => {
      this.#underWay.splice(this.#underWay.indexOf(entry), 1);
      this.#arrive(topic, message);
    });
    this.onSent();
  }

  #arrive(topic: string, bytes: Uint8Array): void {
    this.delivered.push({ atMs: this.#clock.monotonicMs(), topic, bytes });
    const read = parseMediaMessage(bytes);
    if (read?.type !== 'fragment') return;
    this.#arrived.set(read.handle, read);
    this.#unsaidBytes += bytes.length;
    if (this.#unsaidBytes >= AT_ONCE_BYTES) this.#receipts();
  }

  #receipts(): void {
    if (this.#arrived.size === 0) return;
    const payload = buildReceipts({ hubAtMs: this.#clock.monotonicMs(), receipts: [...this.#arrived.values()] });
    this.#arrived.clear();
    this.#unsaidBytes = 0;
    this.#clock.after(this.options.roundTripMs / 2, () => this.onReceipts(payload));
  }

  /** Between 0 and 1; the same for the same seed (Park and Miller). */
  #next(): number {
    this.#random = (this.#random * 48_271) % 0x7fffffff;
    return this.#random / 0x7fffffff;
  }
}
