/** Bounds of what may wait on one lane of one edge. */
export interface LaneLimits {
  /** Batches. */
  deliveries: number;
  bytes: number;
}

/** Batches of one lane of one edge that wait for their turn; a turn takes all of them. */
export class LaneQueue {
  readonly #limits: LaneLimits;
  #waiting: Uint8Array[] = [];
  #bytes = 0;

  constructor(limits: LaneLimits) {
    this.#limits = limits;
  }

  /** False when the bounds are reached; then the batch is not kept and the edge has to send it again. */
  push(payload: Uint8Array): boolean {
    if (this.#waiting.length >= this.#limits.deliveries) return false;
    if (this.#waiting.length > 0 && this.#bytes + payload.length > this.#limits.bytes) return false;
    this.#waiting.push(payload);
    this.#bytes += payload.length;
    return true;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Takes at most `limit` batches, in the order of arrival. */
  take(limit: number): Uint8Array[] {
    const taken = this.#waiting.slice(0, limit);
    this.#waiting = this.#waiting.slice(limit);
    for (const payload of taken) this.#bytes -= payload.length;
    return taken;
  }
}
