import type { AccessUnitSink, Depacketizer } from '../rtp/depacketizer.ts';
import { FrameBuffer } from '../rtp/frame-buffer.ts';

/**
 * Puts the XML documents of an ONVIF metadata track together (ONVIF Streaming section 5.1.2): a document runs over
 * any number of packets and the marker ends it; where a camera forgets the bit, the next timestamp does.
 */
export class MetadataDepacketizer implements Depacketizer {
  readonly #sink: AccessUnitSink;
  readonly #document: FrameBuffer;
  #timestamp = -1;
  #gap = false;
  /** What comes up to the next border belongs to a document that is not whole. */
  #damaged = false;
  dropped = 0;

  /** @param maxBytes a larger document is dropped */
  constructor(sink: AccessUnitSink, maxBytes = 1_048_576) {
    this.#sink = sink;
    this.#document = new FrameBuffer(maxBytes);
  }

  push(bytes: Uint8Array, start: number, end: number, timestamp: number, marker: boolean): void {
    if (timestamp !== this.#timestamp) this.#nextTimestamp(timestamp);
    else if (this.#gap) this.#damaged = true;
    // A document begins with `<`, perhaps behind a byte order mark or space; a packet from its middle seldom does.
    if (this.#gap && this.#document.length === 0 && !beginsDocument(bytes, start, end)) this.#damaged = true;
    this.#gap = false;
    if (!this.#damaged && !this.#document.append(bytes, start, end)) this.#damaged = true;
    if (marker) this.#finish();
  }

  onGap(): void {
    this.#gap = true;
  }

  flush(): void {
    this.#finish();
  }

  #nextTimestamp(timestamp: number): void {
    if (this.#gap && this.#document.length > 0) this.#damaged = true;
    this.#finish();
    this.#timestamp = timestamp;
  }

  #finish(): void {
    if (this.#damaged) this.dropped += 1;
    else if (this.#document.length > 0) {
      this.#sink.onAccessUnit({ timestamp: this.#timestamp, key: true, bytes: this.#document.content });
    }
    this.#damaged = false;
    this.#document.clear();
  }
}

const SPACES: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

function beginsDocument(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && SPACES.has(bytes[at] ?? 0)) at += 1;
  return bytes[at] === 0x3c;
}
