import type { AccessUnitSink, Depacketizer } from '../rtp/depacketizer.ts';

/** Hands on the samples of each G.711 packet as they are (RFC 3551 section 4.5.14): one byte per sample and channel. */
export class G711Depacketizer implements Depacketizer {
  readonly #sink: AccessUnitSink;
  readonly #maxBytes: number;
  dropped = 0;

  /** @param maxBytes a larger packet is dropped; the default is eight seconds of one channel */
  constructor(sink: AccessUnitSink, maxBytes = 65_536) {
    this.#sink = sink;
    this.#maxBytes = maxBytes;
  }

  push(bytes: Uint8Array, start: number, end: number, timestamp: number, _marker: boolean): void {
    if (end <= start) return;
    if (end - start > this.#maxBytes) this.dropped += 1;
    else this.#sink.onAccessUnit({ timestamp, key: true, bytes: bytes.subarray(start, end) });
  }

  /** A hole in the sound is seen by its timestamps. */
  onGap(): void {
    return;
  }

  flush(): void {
    return;
  }
}

/** Samples in each channel of so many bytes. */
export function g711Samples(bytes: number, channels: number): number {
  return Math.floor(bytes / Math.max(1, channels));
}
