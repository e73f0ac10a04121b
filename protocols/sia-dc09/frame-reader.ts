import { MAX_FRAME_BYTES } from './parse.ts';

const LF = 0x0a;
const CR = 0x0d;

/** What a piece of the stream turned out to be. */
export type ReadItem = { readonly kind: 'frame'; readonly bytes: Uint8Array } | { readonly kind: 'overlong' };

/**
 * Cuts a byte stream into frames: from LF to CR. A missing LF is forgiven, anything between CR and the next LF (NUL
 * bytes, spaces) is skipped, a frame that never ends is dropped and reported once.
 */
export class FrameReader {
  private held: number[] = [];
  private skipping = false;

  /** Takes the next bytes of the stream and returns what was completed by them. */
  push(bytes: Uint8Array): ReadItem[] {
    const items: ReadItem[] = [];
    for (const byte of bytes) {
      if (byte === LF) {
        this.held = [];
        this.skipping = false;
      } else if (byte === CR) {
        if (!this.skipping && this.held.length > 0) items.push({ kind: 'frame', bytes: Uint8Array.from(this.held) });
        this.held = [];
        this.skipping = false;
      } else if (!this.skipping && !(this.held.length === 0 && (byte === 0 || byte === 0x20))) {
        this.held.push(byte);
        if (this.held.length > MAX_FRAME_BYTES) {
          this.held = [];
          this.skipping = true;
          items.push({ kind: 'overlong' });
        }
      }
    }
    return items;
  }
}
