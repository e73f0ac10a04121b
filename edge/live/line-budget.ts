import type { MediaParts } from '../../contract/media-frame.ts';
import { parseReceipts } from '../../contract/receipt.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import { LineEstimate } from './line-estimate.ts';
import type { MediaTransport } from './media-link.ts';

/** What {@link LineBudget} is built from. */
export interface LineBudgetOptions {
  transport: MediaTransport;
  clock: Clock;
  /** Unsent bytes in this machine beyond which nothing more is given to the connection. */
  bufferBytes: number;
  /** Rate of the line, where it is known; null: measured. */
  lineBitsPerSecond: number | null;
  /** Share of the line that is left to events. */
  headroom: number;
}

/** What of the line a person may want to know. */
export interface LineFacts {
  /** Null while the line has never been full. */
  bitsPerSecond: number | null;
  roundTripMs: number | null;
  /** What is under way, as time of the line's rate. */
  unackedMs: number;
}

/** One stream's share of the line. */
export interface LineLane {
  readonly topic: string;
  readonly handle: number;
  /** 0 … 9. */
  priority: number;
  /** Whether the newest picture replaces one that still waits, as where only key frames are sent. */
  newestOnly: boolean;
  /** The stream fell behind: everything up to its next key frame was dropped, so many fragments. */
  onCut(fragments: number): void;
}

interface Waiting {
  message: MediaParts;
  /** Null: no fragment. */
  sequence: number | null;
  sinceMs: number;
}

interface LaneState {
  waiting: Waiting[];
  waitsForKey: boolean;
}

/** A picture that waits longer than this for the line is of no use any more. */
const LATE_MS = 600;
/** A further key frame replaces what waits at least so long. */
const OVERTAKEN_MS = 150;
const TURN_MS = 20;
/** After so long without a receipt one picture may try whether the line is there again. */
const SILENCE_MS = 2000;
/** A hub that has said nothing after this long sends no receipts. */
const NO_RECEIPTS_MS = 5000;
const PROBE_QUEUE_BYTES = 64 * 1024;
/** Time of the rate that may leave at once, so that a key frame is not cut into turns. */
const BURST_MS = 40;

/**
 * Shares the media connection between streams: what matters more goes first, no more is under way than the line bears
 * within its budget, and what waited too long is dropped up to the next key frame.
 *
 * On a line whose limit never showed, everything goes at once and no timer runs.
 */
export class LineBudget {
  readonly #options: LineBudgetOptions;
  readonly #estimate: LineEstimate;
  readonly #lanes = new Map<LineLane, LaneState>();
  #timer: TimerHandle | null = null;
  /** Bytes by which the pace was exceeded, at the time beside it. */
  #debt = 0;
  #debtAtMs = 0;
  #probedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: LineBudgetOptions) {
    this.#options = options;
    const { lineBitsPerSecond } = options;
    this.#estimate = new LineEstimate(lineBitsPerSecond === null ? null : lineBitsPerSecond / 8000);
  }

  /** Takes part in the line from now on. */
  add(lane: LineLane): void {
    this.#lanes.set(lane, { waiting: [], waitsForKey: true });
  }

  /** What waits of it is dropped. */
  remove(lane: LineLane): void {
    this.#lanes.delete(lane);
  }

  /** The connection is new. */
  reset(): void {
    this.#estimate.reset();
    this.#debt = 0;
    for (const state of this.#lanes.values()) {
      state.waiting = [];
      state.waitsForKey = true;
    }
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** A message on `receipts` came. */
  onReceipts(payload: Uint8Array): void {
    const receipts = parseReceipts(payload);
    if (receipts === null) return;
    this.#estimate.acknowledged(receipts, this.#nowMs());
    if (this.#timer !== null) this.#turn();
  }

  /** What waits of a lane is of no use any more. */
  clear(lane: LineLane): void {
    const state = this.#lanes.get(lane);
    if (state === undefined) return;
    state.waiting = [];
    state.waitsForKey = true;
  }

  /** Sends an init segment or an end, in order with the lane's fragments, however full the line is. */
  control(lane: LineLane, message: MediaParts): void {
    const state = this.#lanes.get(lane);
    if (state === undefined || state.waiting.length === 0) this.#give(lane, message, null);
    else state.waiting.push({ message, sequence: null, sinceMs: this.#nowMs() });
  }

  /** Whether the lane takes this fragment; asked before its message is built. One that it does not take is lost. */
  takes(lane: LineLane, key: boolean): boolean {
    const state = this.#lanes.get(lane);
    return state !== undefined && this.#options.transport.connected && (key || !state.waitsForKey);
  }

  /** Sends a fragment as soon as the line allows it. */
  fragment(lane: LineLane, message: MediaParts, sequence: number, key: boolean): void {
    const state = this.#lanes.get(lane);
    if (state === undefined) return;
    const nowMs = this.#nowMs();
    if (key) {
      this.#overtake(lane, state, nowMs);
      state.waitsForKey = false;
    }
    if (this.#timer === null && this.#allows(message.length, nowMs)) {
      this.#give(lane, message, sequence);
      return;
    }
    state.waiting.push({ message, sequence, sinceMs: nowMs });
    this.#estimate.hadToWait();
    this.#timer ??= this.#options.clock.after(TURN_MS, () => this.#turn());
  }

  /** Whether there is room for so many bytes of sound this very moment; later it would be of no use. */
  hasRoom(bytes: number): boolean {
    return this.#timer === null && this.#options.transport.connected && this.#allows(bytes, this.#nowMs());
  }

  /** Sends sound; ask {@link hasRoom} first. */
  sound(lane: LineLane, message: MediaParts): void {
    this.#give(lane, message, null);
  }

  /** Bytes per millisecond that live pictures may use; null while nothing limits them. */
  get usable(): number | null {
    const { rate } = this.#estimate;
    return rate === null ? null : rate * (1 - this.#options.headroom);
  }

  /** How long ago the line showed its limit. */
  usableAgeMs(): number {
    return this.#nowMs() - this.#estimate.rateAtMs;
  }

  /** The line may bear more than it once did: it is found out anew. */
  tryMore(): void {
    this.#estimate.forget();
  }

  /** Whether the line is full now: delay stands, or something waits. */
  get isFull(): boolean {
    return this.#estimate.isFull || this.#timer !== null;
  }

  /** Bytes per millisecond that arrived lately. */
  get deliveredRate(): number {
    return this.#estimate.deliveredRate;
  }

  get unackedBytes(): number {
    return this.#estimate.unackedBytes;
  }

  /** Bytes that may be under way. */
  get windowBytes(): number {
    return this.#estimate.windowBytes;
  }

  facts(): LineFacts {
    const { rate, roundTripMs, unackedBytes, deliveredRate } = this.#estimate;
    const per = rate ?? deliveredRate;
    return {
      bitsPerSecond: rate === null ? null : Math.round(rate * 8000),
      roundTripMs: roundTripMs === null ? null : Math.round(roundTripMs),
      unackedMs: per > 0 ? Math.round(unackedBytes / per) : 0,
    };
  }

  #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  #allows(bytes: number, nowMs: number): boolean {
    const { transport, bufferBytes } = this.#options;
    if (transport.queuedBytes > bufferBytes) return false;
    const { unackedBytes, windowBytes, hasReceipts } = this.#estimate;
    const silenceMs = this.#estimate.silenceMs(nowMs);
    if (!hasReceipts && silenceMs > NO_RECEIPTS_MS) return this.#paced(nowMs);
    // A picture that is larger than the budget goes when the line is almost empty, else it would never go.
    const fits = unackedBytes + bytes <= windowBytes || unackedBytes <= windowBytes / 8;
    if (fits) return this.#paced(nowMs);
    if (silenceMs < SILENCE_MS || nowMs - this.#probedAtMs < SILENCE_MS) return false;
    if (transport.queuedBytes > PROBE_QUEUE_BYTES) return false;
    this.#probedAtMs = nowMs;
    return true;
  }

  #paced(nowMs: number): boolean {
    const { usable } = this;
    // What went without a limit is nothing that a limit found later has to pay off.
    this.#debt = usable === null ? 0 : Math.max(0, this.#debt - (nowMs - this.#debtAtMs) * usable);
    this.#debtAtMs = nowMs;
    return usable === null || this.#debt <= BURST_MS * usable;
  }

  #give(lane: LineLane, message: MediaParts, sequence: number | null): void {
    const nowMs = this.#nowMs();
    this.#debt += message.length;
    this.#estimate.sent(message.length, sequence === null ? null : { handle: lane.handle, sequence }, nowMs);
    this.#options.transport.send(lane.topic, message);
  }

  /** A key frame needs nothing of what stands before it. */
  #overtake(lane: LineLane, state: LaneState, nowMs: number): void {
    const oldest = state.waiting.find(({ sequence }) => sequence !== null);
    if (oldest === undefined) return;
    if (lane.newestOnly || nowMs - oldest.sinceMs >= OVERTAKEN_MS) this.#cut(lane, state);
  }

  #cut(lane: LineLane, state: LaneState): void {
    const kept = state.waiting.filter(({ sequence }) => sequence === null);
    const dropped = state.waiting.length - kept.length;
    state.waiting = kept;
    state.waitsForKey = true;
    lane.onCut(dropped);
  }

  #turn(): void {
    const nowMs = this.#nowMs();
    for (const [lane, state] of this.#lanes) {
      const oldest = state.waiting.find(({ sequence }) => sequence !== null);
      if (oldest !== undefined && !lane.newestOnly && nowMs - oldest.sinceMs > LATE_MS) this.#cut(lane, state);
    }
    this.#drain();
  }

  #drain(): void {
    this.#timer?.cancel();
    this.#timer = null;
    for (let next = this.#first(); next !== null; next = this.#first()) {
      const [lane, state] = next;
      const waiting = state.waiting[0];
      if (waiting === undefined) return;
      const isAllowed = waiting.sequence === null || this.#allows(waiting.message.length, this.#nowMs());
      if (!isAllowed) {
        this.#estimate.hadToWait();
        this.#timer = this.#options.clock.after(TURN_MS, () => this.#turn());
        return;
      }
      state.waiting.shift();
      this.#give(lane, waiting.message, waiting.sequence);
    }
  }

  /** The lane whose turn it is: the highest priority, then the one that waits longest. */
  #first(): [LineLane, LaneState] | null {
    let best: [LineLane, LaneState] | null = null;
    for (const entry of this.#lanes) {
      const [lane, { waiting }] = entry;
      const sinceMs = waiting[0]?.sinceMs;
      if (sinceMs === undefined) continue;
      const before = best === null ? Infinity : (best[1].waiting[0]?.sinceMs ?? Infinity);
      const priority = best?.[0].priority ?? -1;
      if (lane.priority > priority || (lane.priority === priority && sinceMs < before)) best = entry;
    }
    return best;
  }
}
