import type { AccessUnitSink, Depacketizer } from '../rtp/depacketizer.ts';
import { FrameBuffer } from '../rtp/frame-buffer.ts';
import { beginsDocument } from './document-start.ts';

/**
 * Puts the XML documents of an ONVIF metadata track together (ONVIF Streaming section 5.1.2.1): a document runs over
 * any number of packets, each perhaps with a timestamp of its own, and the marker ends it; where a camera forgets the
 * bit, the beginning of the next one does. A document has the timestamp of its first packet.
 */
export class MetadataDepacketizer implements Depacketizer {
  readonly #sink: AccessUnitSink;
  readonly #document: FrameBuffer;
  /** Timestamp of the document under way; -1 when there is none. */
  #timestamp = -1;
  /** Packets are missing before the next one. */
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
    // Behind a gap, and where the time changes without a marker, a new document may begin here.
    const border = this.#gap || (this.#timestamp !== -1 && timestamp !== this.#timestamp);
    const begins = border && beginsDocument(bytes, start, end);
    if (this.#gap && (this.#timestamp !== -1 || !begins)) this.#damaged = true;
    this.#gap = false;
    if (begins) this.#finish();
    if (this.#timestamp === -1) this.#timestamp = timestamp;
    if (!this.#damaged && !this.#document.append(bytes, start, end)) this.#damaged = true;
    if (marker) this.#finish();
  }

  onGap(): void {
    this.#gap = true;
  }

  flush(): void {
    if (this.#gap) this.#damaged ||= this.#timestamp !== -1;
    this.#finish();
  }

  #finish(): void {
    const timestamp = this.#timestamp;
    this.#timestamp = -1;
    if (this.#damaged) this.dropped += 1;
    else if (this.#document.length > 0) {
      this.#sink.onAccessUnit({ timestamp, key: true, bytes: this.#document.content });
    }
    this.#damaged = false;
    this.#document.clear();
  }
}
