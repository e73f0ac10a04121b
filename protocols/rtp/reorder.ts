/** Jumps larger than this, in either direction, are not loss: the sender may have begun anew. */
const MAX_GAP = 3000;
const MAX_LATE = 500;
/** How many delivered numbers are remembered, to tell a repetition from a packet that came too late. */
const MEMORY = 512;
const NOTHING = new Uint8Array(0);

/** Counters of a {@link ReorderBuffer}. */
export interface ReorderCounts {
  /** Packets that were given up on. */
  lost: number;
  /** Packets that came after they were given up on. */
  late: number;
  /** Packets that came twice. */
  duplicate: number;
  /** Packets that had to wait for one before them. */
  reordered: number;
  /** How often the sender began to count anew. */
  restarts: number;
}

/**
 * Puts datagrams back into the order of their RTP sequence numbers. What comes in order passes straight through; behind
 * a hole packets wait until it is filled, until the buffer is full, or until {@link flushOlderThan} gives it up.
 */
export class ReorderBuffer {
  readonly #release: (packet: Uint8Array) => void;
  readonly #capacity: number;
  readonly #slots: Uint8Array[];
  readonly #arrivedAtMs: Float64Array;
  readonly #delivered = new Int32Array(MEMORY).fill(-1);
  /** The next number to hand on; -1 before the first packet. */
  #expected = -1;
  #ssrc = 0;
  #waiting = 0;
  /** A packet far off the others, held until the next one tells whether the sender began anew. */
  #stray: { sequence: number; packet: Uint8Array; atMs: number } | null = null;
  readonly counts: ReorderCounts = { lost: 0, late: 0, duplicate: 0, reordered: 0, restarts: 0 };

  /**
   * @param release receives each packet once, in order; the array is the one that was pushed
   * @param capacity most packets behind the first hole, a power of two up to 1024
   */
  constructor(release: (packet: Uint8Array) => void, capacity = 128) {
    this.#release = release;
    this.#capacity = capacity;
    this.#slots = new Array<Uint8Array>(capacity).fill(NOTHING);
    this.#arrivedAtMs = new Float64Array(capacity);
  }

  /** Packets that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * One packet that is not empty; it is kept while it waits, so it must not be overwritten.
   * @param atMs any clock
   * @param ssrc of its source, as any 32-bit number: another one counts anew, wherever its numbers lie
   */
  push(sequence: number, packet: Uint8Array, atMs: number, ssrc = 0): void {
    if (ssrc !== this.#ssrc || this.#expected === -1) this.#newSource(sequence, ssrc);
    const ahead = (sequence - this.#expected) & 0xffff;
    if (ahead === 0) {
      this.#stray = null;
      this.#deliver(packet);
      if (this.#waiting > 0) this.#drain();
    } else if (ahead <= MAX_GAP) this.#hold(sequence, packet, atMs);
    else if (ahead > 0xffff - MAX_LATE) this.#tooLate(sequence);
    else this.#far(sequence, packet, atMs);
  }

  /** Gives up every hole that a packet which came before `limitMs` waits behind. */
  flushOlderThan(limitMs: number): void {
    while (this.#waiting > 0 && this.#oldestAtMs() < limitMs) this.#skipHole();
  }

  /** Gives up every hole: the stream is over. */
  flush(): void {
    while (this.#waiting > 0) this.#skipHole();
  }

  #newSource(sequence: number, ssrc: number): void {
    if (this.#expected !== -1) this.#restart();
    this.#ssrc = ssrc;
    this.#expected = sequence;
  }

  #hold(sequence: number, packet: Uint8Array, atMs: number): void {
    this.#stray = null;
    while (((sequence - this.#expected) & 0xffff) >= this.#capacity) this.#step();
    this.#drain();
    if (sequence === this.#expected) {
      this.#deliver(packet);
      return;
    }
    const slot = sequence & (this.#capacity - 1);
    if (this.#slots[slot] !== NOTHING) {
      this.counts.duplicate += 1;
      return;
    }
    this.#slots[slot] = packet;
    this.#arrivedAtMs[slot] = atMs;
    this.#waiting += 1;
    this.counts.reordered += 1;
  }

  #tooLate(sequence: number): void {
    if (this.#delivered[sequence % MEMORY] === sequence) this.counts.duplicate += 1;
    else this.counts.late += 1;
  }

  /** A single packet from nowhere is ignored; two in a row are a sender that counts anew (RFC 3550 appendix A.1). */
  #far(sequence: number, packet: Uint8Array, atMs: number): void {
    const stray = this.#stray;
    if (stray === null || ((stray.sequence + 1) & 0xffff) !== sequence) {
      if (stray !== null) this.counts.late += 1;
      this.#stray = { sequence, packet, atMs };
      return;
    }
    this.#restart();
    this.#expected = stray.sequence;
    this.push(stray.sequence, stray.packet, stray.atMs, this.#ssrc);
    this.push(sequence, packet, atMs, this.#ssrc);
  }

  #restart(): void {
    this.flush();
    this.counts.restarts += 1;
    this.#delivered.fill(-1);
    this.#stray = null;
  }

  #deliver(packet: Uint8Array): void {
    this.#delivered[this.#expected % MEMORY] = this.#expected;
    this.#expected = (this.#expected + 1) & 0xffff;
    this.#release(packet);
  }

  /** Hands on what follows without a hole. */
  #drain(): void {
    while (this.#waiting > 0 && this.#slots[this.#expected & (this.#capacity - 1)] !== NOTHING) this.#step();
  }

  /** Goes on by one number, with its packet or without. */
  #step(): void {
    const slot = this.#expected & (this.#capacity - 1);
    const packet = this.#slots[slot] ?? NOTHING;
    if (packet === NOTHING) {
      this.counts.lost += 1;
      this.#expected = (this.#expected + 1) & 0xffff;
      return;
    }
    this.#slots[slot] = NOTHING;
    this.#waiting -= 1;
    this.#deliver(packet);
  }

  #skipHole(): void {
    while (this.#slots[this.#expected & (this.#capacity - 1)] === NOTHING) this.#step();
    this.#drain();
  }

  #oldestAtMs(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const [slot, packet] of this.#slots.entries()) {
      if (packet !== NOTHING) oldest = Math.min(oldest, this.#arrivedAtMs[slot] ?? oldest);
    }
    return oldest;
  }
}
