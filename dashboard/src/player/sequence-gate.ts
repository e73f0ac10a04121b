import type { MediaMessage } from '../../../contract/media-frame.ts';

/**
 * Lets through only what can be decoded: after a hole in the sequence numbers it waits for the next key frame, and it
 * drops what was already there (the hub replays the last group of pictures to every new tile).
 */
export class SequenceGate {
  #epoch: number | null = null;
  #last = -1;
  #waiting = true;
  /** Fragments that never came or could not be used. */
  lost = 0;

  /** Epoch of the last init segment; null before the first. */
  get epoch(): number | null {
    return this.#epoch;
  }

  /** A new init segment opens a new epoch. */
  open(epoch: number): void {
    this.#epoch = epoch;
    this.#last = -1;
    this.#waiting = true;
  }

  /** Forgets the position but not the epoch: the decoder was made anew and needs a key frame. */
  rewind(): void {
    this.#waiting = true;
  }

  admit(message: MediaMessage): boolean {
    if (message.epoch !== this.#epoch) return false;
    if (message.sequence <= this.#last && !(this.#waiting && message.key)) return false;
    if (!this.#waiting && message.sequence !== this.#last + 1 && !message.key) {
      this.lost += message.sequence - this.#last - 1;
      this.#waiting = true;
    }
    if (this.#waiting) {
      if (!message.key) {
        this.lost += 1;
        return false;
      }
      this.#waiting = false;
    }
    this.#last = message.sequence;
    return true;
  }
}
