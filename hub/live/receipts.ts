import { buildReceipts, MAX_RECEIPTS, type MediaReceipt } from '../../contract/receipt.ts';
import { topics } from '../../contract/topics.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';

/** What {@link Receipts} needs. */
export interface ReceiptsOptions {
  clock: Clock;
  /** Sends to an edge; what gets lost is made up for by the next. */
  publish(topic: string, payload: Uint8Array): void;
}

/** An edge hears at least so often what has arrived, as long as something does. */
const EVERY_MS = 100;
/** On a fast line the edge waits for nothing else than the receipt: it hears of so much at once, without waiting. */
const AT_ONCE_BYTES = 64 * 1024;
/** But not more often than this, however fast: a receipt costs both sides as much as a frame. */
const LEAST_MS = 20;

interface Arrived {
  edgeId: string;
  /** The last fragment of each handle since the last receipts. */
  byHandle: Map<number, MediaReceipt>;
  bytes: number;
  saidAtMs: number;
}

/**
 * Tells each edge how far its pictures have come. The first fragment after a pause is told at once, so that an edge that
 * has just begun does not wait; all others within 100 ms, or 20 ms where much arrives.
 */
export class Receipts {
  readonly #options: ReceiptsOptions;
  readonly #edges = new Map<string, Arrived>();
  #timer: TimerHandle | null = null;

  constructor(options: ReceiptsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = this.#options.clock.every(EVERY_MS, () => this.#tick());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#edges.clear();
  }

  /** A fragment arrived, whatever became of it. */
  arrived(edgeId: string, fragment: MediaReceipt, bytes: number): void {
    const nowMs = this.#options.clock.monotonicMs();
    let edge = this.#edges.get(edgeId);
    if (edge === undefined) {
      edge = { edgeId, byHandle: new Map(), bytes: 0, saidAtMs: Number.NEGATIVE_INFINITY };
      this.#edges.set(edgeId, edge);
    }
    const { handle, sequence, edgeAtMs } = fragment;
    const known = edge.byHandle.get(handle);
    if (known === undefined) edge.byHandle.set(handle, { handle, sequence, edgeAtMs });
    else {
      known.sequence = sequence;
      known.edgeAtMs = edgeAtMs;
    }
    edge.bytes += bytes;
    const sinceMs = nowMs - edge.saidAtMs;
    const isDue = sinceMs >= EVERY_MS || (edge.bytes >= AT_ONCE_BYTES && sinceMs >= LEAST_MS);
    if (isDue || edge.byHandle.size >= MAX_RECEIPTS) this.#say(edge, nowMs);
  }

  #tick(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [edgeId, edge] of this.#edges) {
      if (edge.byHandle.size > 0) this.#say(edge, nowMs);
      else if (nowMs - edge.saidAtMs > 60_000) this.#edges.delete(edgeId);
    }
  }

  #say(edge: Arrived, nowMs: number): void {
    edge.saidAtMs = nowMs;
    edge.bytes = 0;
    const receipts = [...edge.byHandle.values()];
    edge.byHandle.clear();
    this.#options.publish(topics.receipts(edge.edgeId), buildReceipts({ hubAtMs: nowMs, receipts }));
  }
}
