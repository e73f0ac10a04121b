import type { MediaMessage } from '../../contract/media-frame.ts';

/** What became of a message. */
export type Taken = 'taken' | 'no-init' | 'other-epoch';

/**
 * The init segments and the last group of pictures of one stream, so that a further viewer sees a picture at once. Holds
 * the very bytes that arrived.
 */
export class GopCache {
  readonly #maxBytes: number;
  #init: Uint8Array | null = null;
  #audioInit: Uint8Array | null = null;
  #epoch = -1;
  #gop: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Epoch of the init segment; -1 before the first. */
  get epoch(): number {
    return this.#epoch;
  }

  get init(): Uint8Array | null {
    return this.#init;
  }

  /** What is needed to understand the sound; null where there is none. */
  get audioInit(): Uint8Array | null {
    return this.#audioInit;
  }

  /** Bytes of the last group of pictures; 0 when there is none that is complete from its key frame on. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Fragments since the last key frame, in order. */
  get fragments(): readonly Uint8Array[] {
    return this.#gop;
  }

  take(message: MediaMessage, bytes: Uint8Array): Taken {
    if (message.type === 'init') {
      this.#init = bytes;
      this.#epoch = message.epoch;
      this.#drop();
      return 'taken';
    }
    if (message.type === 'audio-init') {
      this.#audioInit = bytes;
      return 'taken';
    }
    // Sound and metadata are of the moment; nothing of them is kept.
    if (message.type === 'audio') return this.#audioInit === null ? 'no-init' : 'taken';
    if (message.type === 'metadata') return 'taken';
    if (message.type === 'end') {
      this.#drop();
      return 'taken';
    }
    if (this.#init === null) return 'no-init';
    if (message.epoch !== this.#epoch) return 'other-epoch';
    if (message.key) this.#drop();
    else if (this.#gop.length === 0) return 'taken';
    this.#bytes += bytes.length;
    if (this.#bytes > this.#maxBytes) this.#drop();
    else this.#gop.push(bytes);
    return 'taken';
  }

  #drop(): void {
    this.#gop = [];
    this.#bytes = 0;
  }
}
