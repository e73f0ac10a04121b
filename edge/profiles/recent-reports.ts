/**
 * Recognises reports that a device repeats because our answer got lost: a repetition shares the fate of the first,
 * whether that is stored already or still on its way to the disk. One per device.
 */
export class RecentReports {
  readonly #kept: number;
  readonly #windowMs: number;
  /** When each was stored, the oldest first. */
  readonly #stored = new Map<string, number>();
  readonly #running = new Map<string, Promise<void>>();

  /** @param kept how many reports back a repetition is recognised, `windowMs` for how long */
  constructor(options: { kept: number; windowMs: number }) {
    this.#kept = options.kept;
    this.#windowMs = options.windowMs;
  }

  /**
   * Runs `store` unless a report with this key was stored or is being stored.
   * @param nowMs monotonic time
   */
  async once(key: string, nowMs: number, store: () => Promise<void>): Promise<{ repeated: boolean }> {
    const before = this.#running.get(key);
    if (before !== undefined) {
      await before;
      return { repeated: true };
    }
    const storedAtMs = this.#stored.get(key);
    if (storedAtMs !== undefined && nowMs - storedAtMs <= this.#windowMs) return { repeated: true };
    await this.always(key, nowMs, store);
    return { repeated: false };
  }

  /** Whether a report with this key is among those that were stored or are being stored. */
  has(key: string): boolean {
    return this.#running.has(key) || this.#stored.has(key);
  }

  /** Runs `store` for a report that cannot be a repetition, and remembers it. */
  async always(key: string, nowMs: number, store: () => Promise<void>): Promise<void> {
    const running = store();
    this.#running.set(key, running);
    try {
      await running;
    } finally {
      if (this.#running.get(key) === running) this.#running.delete(key);
    }
    this.#stored.delete(key);
    this.#stored.set(key, nowMs);
    if (this.#stored.size > this.#kept) this.#stored.delete(this.#stored.keys().next().value ?? key);
  }
}
