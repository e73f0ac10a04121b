/** What a sequence number means beside the ones before it. */
export type SequenceVerdict =
  /** The next one, or the first. */
  | 'next'
  /** Some are missing before it; see `lostBefore`. */
  | 'gap'
  /** Seen already or too late to matter. */
  | 'late'
  /** So far off that the sender must have begun anew. */
  | 'restart';

const MAX_GAP = 3000;
const MAX_LATE = 100;

/** Follows 16-bit RTP sequence numbers over their wraps and counts what never came (RFC 3550 appendix A.1). */
export class SequenceTracker {
  #last = -1;
  #wraps = 0;
  /** Packets missing directly before the last one pushed. */
  lostBefore = 0;
  /** Packets missing in all. */
  lost = 0;
  /** Packets pushed, without late ones. */
  received = 0;

  push(sequence: number): SequenceVerdict {
    this.lostBefore = 0;
    if (this.#last === -1) return this.#take(sequence, 'next');
    const ahead = (sequence - this.#last) & 0xffff;
    if (ahead === 1) return this.#take(sequence, 'next');
    if (ahead === 0 || ahead > 0xffff - MAX_LATE) return 'late';
    if (ahead > MAX_GAP) return this.#take(sequence, 'restart');
    this.lostBefore = ahead - 1;
    this.lost += this.lostBefore;
    return this.#take(sequence, 'gap');
  }

  #take(sequence: number, verdict: SequenceVerdict): SequenceVerdict {
    if (verdict !== 'restart' && sequence < this.#last) this.#wraps += 1;
    this.#last = sequence;
    this.received += 1;
    return verdict;
  }

  /** Highest sequence number with its wraps above, as a receiver report wants it. */
  get extendedHighest(): number {
    return this.#last === -1 ? 0 : (((this.#wraps & 0xffff) << 16) | this.#last) >>> 0;
  }
}
