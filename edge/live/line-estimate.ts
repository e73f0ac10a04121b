import type { MediaReceipts } from '../../contract/receipt.ts';

/** Time of the line's rate that may be under way without a receipt. */
export const BUDGET_MS = 300;
/** Where the round trip alone takes most of {@link BUDGET_MS}, this much beyond it: less would throttle the line itself. */
const BEYOND_ROUND_TRIP_MS = 50;
/** May be under way before anything is known of the line; grows with what arrives, as TCP begins. */
const FIRST_WINDOW_BYTES = 96 * 1024;
/** A round trip this short is a local network: what is late there waits for a busy program and not for the line. */
const LOCAL_MS = 5;
const LOCAL_WINDOW_BYTES = 1024 * 1024;
/** However little the line bears: smaller than this, no key frame of a small stream would ever leave. */
const LEAST_WINDOW_BYTES = 24 * 1024;
const SAMPLE_MS = 1000;
/** Delay beyond the round trip that, when it never goes away within a sample, means that the line is full. */
const STANDING_MS = 120;
/** Fewer of them may all have met a lost packet. */
const TELLING_RECEIPTS = 4;
/**
 * So many full seconds in a row are needed to say what the line bears. Unlucky losses fill one or two; and TCP's BBR, where
 * it has seen little traffic so far, itself needs a few to find out.
 */
const FULL_SAMPLES = 5;
/** What arrived without standing delay within this time the line certainly bears. */
const PROVEN_MS = 15_000;
const PROVEN_SAMPLES = 15;
/** What waits although the line is not full shows that the estimate is too low. */
const PROBE_UP = 1.05;
/** Only then does what waits say anything of the rate; a key frame waits a moment on any line. */
const NEARLY = 0.82;
const ROUND_TRIP_KEPT_MS = 60_000;
/** Fragments without a receipt that are remembered: a hub that sends none must not fill our memory. */
const SENT_MAX = 20_000;
const FORGET_AT = 256;

interface Sent {
  handle: number;
  sequence: number;
  /** All bytes of this connection up to and with this fragment. */
  endBytes: number;
  sentAtMs: number;
}

/** What one second showed. */
interface Sample {
  hubAtMs: number;
  sentAtMs: number;
  ackedBytes: number;
  receipts: number;
  leastDelayMs: number;
  hadToWait: boolean;
}

const NOTHING_SEEN = { receipts: 0, leastDelayMs: Number.POSITIVE_INFINITY, hadToWait: false } as const;

/**
 * What the line bears, learned from the hub's receipts. It separates a full line from a lossy one by the delay that
 * stands: a lost packet holds everything behind it up for a moment and then it is all there at once, while a full line's
 * delay does not go away. Only a full line says what its rate is; one that was never full is only as fast as was needed.
 *
 * All times are the edge's monotonic milliseconds; rates are bytes per millisecond.
 */
export class LineEstimate {
  readonly #configured: number | null;
  #sent: Sent[] = [];
  #head = 0;
  #sentBytes = 0;
  /** Bytes up to the last fragment; what follows it has no receipt of its own. */
  #fragmentBytes = 0;
  #ackedBytes = 0;
  #window = FIRST_WINDOW_BYTES;
  #rate: number | null;
  #rateAtMs = Number.NEGATIVE_INFINITY;
  #roundTrips: { atMs: number; ms: number }[] = [];
  #firstSentAtMs: number | null = null;
  #lastReceiptAtMs: number | null = null;
  #sample: Sample | null = null;
  #deliveredRate = 0;
  #isFull = false;
  /** Rates of the full samples in a row. */
  #full: number[] = [];
  #proven: { atMs: number; rate: number }[] = [];

  /** @param configured rate of the line where it is known; null: measured */
  constructor(configured: number | null) {
    this.#configured = configured;
    this.#rate = configured;
  }

  /** The connection is new: nothing is under way. What is known of the line stays. */
  reset(): void {
    this.#sent = [];
    this.#head = 0;
    this.#fragmentBytes = this.#sentBytes;
    this.#ackedBytes = this.#sentBytes;
    this.#firstSentAtMs = null;
    this.#lastReceiptAtMs = null;
    this.#sample = null;
    this.#isFull = false;
  }

  /** Something was given to the connection; `fragment` is what a receipt can name. */
  sent(bytes: number, fragment: { handle: number; sequence: number } | null, nowMs: number): void {
    this.#firstSentAtMs ??= nowMs;
    this.#sentBytes += bytes;
    if (fragment === null) return;
    const { handle, sequence } = fragment;
    this.#fragmentBytes = this.#sentBytes;
    this.#sent.push({ handle, sequence, endBytes: this.#sentBytes, sentAtMs: nowMs });
    if (this.#sent.length - this.#head > SENT_MAX) this.#head += 1;
    this.#forgetAcknowledged();
  }

  /** The hub said what has arrived. One connection keeps the order: what was sent before that has arrived too. */
  acknowledged({ hubAtMs, receipts }: MediaReceipts, nowMs: number): void {
    this.#lastReceiptAtMs = nowMs;
    const reached = new Map(receipts.map(({ handle, sequence }) => [handle, sequence]));
    let last: Sent | null = null;
    for (let at = this.#head; at < this.#sent.length; at++) {
      const sent = this.#sent[at];
      if (sent === undefined) break;
      const sequence = reached.get(sent.handle);
      if (sequence === undefined || sequence < sent.sequence) continue;
      last = sent;
      this.#head = at + 1;
    }
    if (last === null) return;
    this.#forgetAcknowledged();
    const acked = last.endBytes - this.#ackedBytes;
    const usedBytes = this.unackedBytes;
    this.#ackedBytes = last.endBytes;
    this.#delay(nowMs - last.sentAtMs, acked, usedBytes, nowMs);
    this.#measure(last.sentAtMs, hubAtMs, nowMs);
  }

  #forgetAcknowledged(): void {
    if (this.#head <= FORGET_AT) return;
    this.#sent.splice(0, this.#head);
    this.#head = 0;
  }

  /** Something has to wait for the line. */
  hadToWait(): void {
    if (this.#sample !== null) this.#sample.hadToWait = true;
  }

  /** Bytes that were sent and for which no receipt came. */
  get unackedBytes(): number {
    return Math.max(0, this.#fragmentBytes - this.#ackedBytes);
  }

  /** The line's rate; null while nothing has shown where its limit is. */
  get rate(): number | null {
    return this.#rate;
  }

  /** When the line last showed what it bears by being full. */
  get rateAtMs(): number {
    return this.#rateAtMs;
  }

  /** What arrived lately. */
  get deliveredRate(): number {
    return this.#deliveredRate;
  }

  /** Whether delay stood for the whole of the last sample. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Shortest time lately from sending to the receipt; null before the first. */
  get roundTripMs(): number | null {
    return this.#roundTrips[0]?.ms ?? null;
  }

  /** Bytes that may be under way. */
  get windowBytes(): number {
    if (this.#rate === null) return this.#window;
    const allowedMs = Math.max(BUDGET_MS, (this.roundTripMs ?? 0) + BEYOND_ROUND_TRIP_MS);
    return Math.max(LEAST_WINDOW_BYTES, this.#rate * allowedMs);
  }

  /** How long nothing was heard although something is under way; 0 when nothing is. */
  silenceMs(nowMs: number): number {
    if (this.unackedBytes === 0) return 0;
    return nowMs - (this.#lastReceiptAtMs ?? this.#firstSentAtMs ?? nowMs);
  }

  /** Whether this hub has ever sent a receipt on this connection. */
  get hasReceipts(): boolean {
    return this.#lastReceiptAtMs !== null;
  }

  #delay(delayMs: number, ackedBytes: number, usedBytes: number, nowMs: number): void {
    // Rising list: the first is the shortest of the last minute, those behind it are shortest since then.
    while ((this.#roundTrips.at(-1)?.ms ?? -1) >= delayMs) this.#roundTrips.pop();
    this.#roundTrips.push({ atMs: nowMs, ms: delayMs });
    while (nowMs - (this.#roundTrips[0]?.atMs ?? nowMs) > ROUND_TRIP_KEPT_MS) this.#roundTrips.shift();
    if (this.#sample !== null) {
      this.#sample.leastDelayMs = Math.min(this.#sample.leastDelayMs, delayMs);
      this.#sample.receipts += 1;
    }
    if (delayMs < LOCAL_MS) this.#window = Math.max(this.#window, LOCAL_WINDOW_BYTES);
    const isUsed = usedBytes > this.#window / 2;
    if (this.#rate === null && isUsed && !this.#isLate(delayMs)) this.#window += ackedBytes;
  }

  #isLate(delayMs: number): boolean {
    return delayMs > (this.roundTripMs ?? delayMs) + STANDING_MS;
  }

  #measure(sentAtMs: number, hubAtMs: number, nowMs: number): void {
    const begun = this.#sample;
    const fresh = { ...{ hubAtMs, sentAtMs, ackedBytes: this.#ackedBytes }, ...NOTHING_SEEN };
    if (begun === null) {
      this.#sample = fresh;
      return;
    }
    const hubMs = hubAtMs - begun.hubAtMs;
    if (hubMs < SAMPLE_MS) return;
    this.#sample = fresh;
    // What was held up arrives all at once: it did not leave faster than it was sent.
    const rate = (this.#ackedBytes - begun.ackedBytes) / Math.max(hubMs, sentAtMs - begun.sentAtMs);
    this.#deliveredRate = rate;
    this.#isFull = begun.receipts >= TELLING_RECEIPTS && this.#isLate(begun.leastDelayMs);
    if (this.#configured !== null) return;
    if (this.#isFull) return this.#showedItsLimit(rate, begun.hadToWait, nowMs);
    this.#full = [];
    this.#proven = [...this.#proven.slice(-PROVEN_SAMPLES), { atMs: nowMs, rate }];
    if (this.#rate !== null) {
      const isFast = begun.leastDelayMs < STANDING_MS / 4 && !begun.hadToWait;
      // A local network, and what looked like its limit was a busy moment.
      if (isFast) this.forget();
      else if (begun.hadToWait && rate > this.#rate * NEARLY) this.#rate = Math.max(rate, this.#rate * PROBE_UP);
      else this.#rate = Math.max(rate, this.#rate);
    }
  }

  #showedItsLimit(rate: number, hadToWait: boolean, nowMs: number): void {
    this.#full.push(rate);
    if (this.#full.length < FULL_SAMPLES) return;
    const proven = this.#proven.filter(({ atMs }) => nowMs - atMs < PROVEN_MS).map((one) => one.rate);
    const shown = Math.max(...this.#full, ...proven);
    this.#full.shift();
    // Where nothing had to wait, less may have been sent than the line bears.
    if (!hadToWait && this.#rate !== null && shown < this.#rate) return;
    this.#rate = shown;
    this.#rateAtMs = nowMs;
  }

  /** Nothing is known of a limit: it never showed, or it may be another now. */
  forget(): void {
    if (this.#configured !== null) return;
    this.#window = Math.max(FIRST_WINDOW_BYTES, this.windowBytes);
    this.#full = [];
    this.#rate = null;
  }
}
