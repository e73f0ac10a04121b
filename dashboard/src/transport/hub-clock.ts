/**
 * The hub's clock as seen from this browser. Answers that travelled quickly say more about the offset than slow ones,
 * so of the last samples the one with the shortest way counts.
 */
export class HubClock {
  readonly #localNow: () => number;
  #samples: { offsetMs: number; roundTripMs: number }[] = [];

  constructor(localNow: () => number) {
    this.#localNow = localNow;
  }

  /** Takes an answer of the hub: when the question left and when the answer came (browser), what the hub's clock said. */
  observe(sentAtMs: number, receivedAtMs: number, hubAtMs: number): void {
    const roundTripMs = Math.max(0, receivedAtMs - sentAtMs);
    this.#samples.push({ offsetMs: hubAtMs - (sentAtMs + roundTripMs / 2), roundTripMs });
    if (this.#samples.length > 8) this.#samples.shift();
  }

  /** Hub clock minus browser clock; 0 until something was observed. */
  offsetMs(): number {
    let best: { offsetMs: number; roundTripMs: number } | undefined;
    for (const sample of this.#samples) if (best === undefined || sample.roundTripMs <= best.roundTripMs) best = sample;
    return best?.offsetMs ?? 0;
  }

  /** Now, by the hub's clock. */
  nowMs(): number {
    return this.#localNow() + this.offsetMs();
  }
}
