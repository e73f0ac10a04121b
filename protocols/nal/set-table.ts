const MAX_SETS = 16;

/** Parameter sets of one kind by their ids; at most 16, because a hostile stream could send thousands. */
export class SetTable {
  readonly #sets = new Map<number, Uint8Array>();

  /** Takes a set (copied); true when it is new or differs from the one it replaces. */
  add(id: number, nal: Uint8Array): boolean {
    const known = this.#sets.get(id);
    if (known !== undefined && sameBytes(known, nal)) return false;
    if (known === undefined && this.#sets.size === MAX_SETS) return false;
    this.#sets.set(id, new Uint8Array(nal));
    return true;
  }

  /** Whether a set with these very bytes is there. */
  has(nal: Uint8Array): boolean {
    for (const known of this.#sets.values()) if (sameBytes(known, nal)) return true;
    return false;
  }

  get size(): number {
    return this.#sets.size;
  }

  /** Every set; the one with the id `first` comes first. */
  list(first: number | null = null): Uint8Array[] {
    return [...this.#sets].sort(([a], [b]) => Number(b === first) - Number(a === first)).map(([, nal]) => nal);
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
