import type { AccessUnitSink, Depacketizer } from '../rtp/depacketizer.ts';
import { FrameBuffer } from '../rtp/frame-buffer.ts';
import { type AuHeader, readAuHeaders } from './au-headers.ts';
import { type AacFormat, ticksPerUnit } from './format.ts';

const MAX_UNIT_BYTES = 65_536;

/**
 * Takes AAC access units out of RTP packets (RFC 3640): several in one, or one over several. Each comes out with a
 * timestamp of its own, and decoding can begin at each. Interleaved units come out in the order in which they arrive.
 */
export class AacDepacketizer implements Depacketizer {
  readonly #sink: AccessUnitSink;
  readonly #format: AacFormat;
  readonly #ticks: number;
  readonly #fragments: FrameBuffer;
  /** Size of the access unit that comes in pieces; 0 outside of one. */
  #expected = 0;
  #timestamp = -1;
  dropped = 0;

  /** @param clockRate of the RTP timestamps, from the session description */
  constructor(sink: AccessUnitSink, format: AacFormat, clockRate: number, maxBytes = MAX_UNIT_BYTES) {
    this.#sink = sink;
    this.#format = format;
    this.#ticks = ticksPerUnit(format, clockRate);
    this.#fragments = new FrameBuffer(maxBytes);
  }

  push(bytes: Uint8Array, start: number, end: number, timestamp: number, _marker: boolean): void {
    const headers = readAuHeaders(bytes, start, end, this.#format);
    if (headers === null) return this.#drop();
    const { units, dataStart } = headers;
    const [first] = units;
    if (this.#expected > 0 && timestamp !== this.#timestamp) this.#drop();
    if (first !== undefined && units.length === 1 && (this.#expected > 0 || first.size > end - dataStart)) {
      this.#fragment(bytes, dataStart, end, timestamp, first.size);
      return;
    }
    this.#whole(bytes, dataStart, end, timestamp, units);
  }

  onGap(): void {
    if (this.#expected > 0) this.#drop();
  }

  flush(): void {
    if (this.#expected > 0) this.#drop();
  }

  #whole(bytes: Uint8Array, dataStart: number, end: number, timestamp: number, units: readonly AuHeader[]): void {
    let at = dataStart;
    for (const { size, index } of units) {
      if (size > end - at) return this.#drop();
      const unitTimestamp = (timestamp + index * this.#ticks) >>> 0;
      if (size > 0)
        this.#sink.onAccessUnit({ timestamp: unitTimestamp, key: true, bytes: bytes.subarray(at, at + size) });
      at += size;
    }
  }

  /** Every piece of an access unit names the whole unit's size. */
  #fragment(bytes: Uint8Array, start: number, end: number, timestamp: number, size: number): void {
    if (this.#expected !== 0 && this.#expected !== size) this.#drop();
    this.#expected = size;
    this.#timestamp = timestamp;
    const fits = this.#fragments.length + end - start <= size;
    if (!fits || !this.#fragments.append(bytes, start, end)) return this.#drop();
    if (this.#fragments.length < size) return;
    const unit = { timestamp, key: true, bytes: this.#fragments.content };
    this.#expected = 0;
    this.#fragments.clear();
    this.#sink.onAccessUnit(unit);
  }

  #drop(): void {
    this.#expected = 0;
    this.#fragments.clear();
    this.dropped += 1;
  }
}
