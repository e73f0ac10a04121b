import type { MediaMessage } from '../../../contract/media-frame.ts';

const MAX_BYTES = 6_000_000;

/**
 * The init segments and the last group of pictures of one stream, so that a second tile on the same stream shows a
 * picture at once instead of waiting for the next key frame.
 */
export class GopCache {
  #init: MediaMessage | null = null;
  #audioInit: MediaMessage | null = null;
  #fragments: MediaMessage[] = [];
  #bytes = 0;

  take(message: MediaMessage): void {
    if (message.type === 'init') {
      this.#init = message;
      this.#clear();
      return;
    }
    if (message.type === 'end') {
      this.#init = null;
      this.#audioInit = null;
      this.#clear();
      return;
    }
    if (message.type === 'audio-init') this.#audioInit = message;
    if (message.type !== 'fragment') return;
    if (message.key) this.#clear();
    else if (this.#fragments.length === 0) return;
    this.#bytes += message.body.length;
    if (this.#bytes > MAX_BYTES) this.#clear();
    else this.#fragments.push(message);
  }

  /** What a new tile needs, in order; empty while there is no init segment. */
  replay(): readonly MediaMessage[] {
    const audio = this.#audioInit === null ? [] : [this.#audioInit];
    return this.#init === null ? audio : [...audio, this.#init, ...this.#fragments];
  }

  #clear(): void {
    this.#fragments = [];
    this.#bytes = 0;
  }
}
