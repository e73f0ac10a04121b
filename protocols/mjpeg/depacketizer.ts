import { u16 } from '../big-endian.ts';
import type { AccessUnitSink, Depacketizer } from '../rtp/depacketizer.ts';
import { FrameBuffer } from '../rtp/frame-buffer.ts';
import { buildJpegHeader } from './build-header.ts';
import { buildExtendedHeader, EXTENSION_BEGINS, EXTENSION_CONTINUES } from './extension.ts';
import { MARKER } from './markers.ts';
import { parseJpeg } from './parse-jpeg.ts';
import {
  CHANGING_QUALITY,
  FIRST_DYNAMIC_QUALITY,
  type JpegPayloadHeader,
  readPayloadHeader,
} from './payload-header.ts';
import { type QuantizationTables, tablesOfQuality } from './quantization.ts';

/** Segments of one picture that come in header extensions. */
const MAX_EXTENSION_BYTES = 65_536;
const END_OF_IMAGE = Uint8Array.of(0xff, MARKER.eoi);

/** Options of a {@link JpegDepacketizer}. */
export interface JpegOptions {
  /** A larger picture is dropped. */
  maxBytes?: number;
  /** Size from the session description, for pictures beyond the 2040 pixels that the payload's header can name. */
  size?: { width: number; height: number } | null;
}

/**
 * Puts the payloads of JPEG RTP packets (RFC 2435, and ONVIF's header extension) together to JPEG files, with the
 * headers that RTP leaves out.
 * Each picture stands for itself, so damage costs that picture alone.
 */
export class JpegDepacketizer implements Depacketizer {
  readonly #sink: AccessUnitSink;
  readonly #size: { width: number; height: number } | null;
  readonly #frame: FrameBuffer;
  /** Tables sent under the numbers 128 to 254, which later pictures refer to. */
  readonly #tables = new Map<number, QuantizationTables>();
  #timestamp = -1;
  /** Bytes of headers in front of the scan; 0 before a picture's first packet. */
  #headerBytes = 0;
  #damaged = false;
  #gap = false;
  /** Segments of the file that came in header extensions in front of the scan. */
  readonly #segments = new FrameBuffer(MAX_EXTENSION_BYTES);
  #extended = false;
  /** The extension of the packet that comes next. */
  #extension: { bytes: Uint8Array; start: number; end: number } | null = null;
  /** Tables of the last picture. */
  #lastTables: QuantizationTables | null = null;
  /** The last header made, and what it was made from. */
  #known: { header: Uint8Array; key: string; tables: QuantizationTables } | null = null;
  dropped = 0;

  constructor(sink: AccessUnitSink, options: JpegOptions = {}) {
    this.#sink = sink;
    this.#size = options.size ?? null;
    this.#frame = new FrameBuffer(options.maxBytes ?? 8_388_608);
  }

  push(bytes: Uint8Array, start: number, end: number, timestamp: number, marker: boolean): void {
    if (timestamp !== this.#timestamp) this.#nextTimestamp(timestamp);
    else if (this.#gap) this.#damaged = true;
    this.#gap = false;
    const hasExtension = this.#extension !== null;
    if (hasExtension) this.#takeExtension();
    const header = readPayloadHeader(bytes, start, end);
    // A packet may have an extension alone.
    if (header === null) this.#damaged ||= !hasExtension || end > start;
    else if (!this.#damaged) this.#take(header, bytes, end);
    if (marker) this.#finish();
  }

  onExtension(bytes: Uint8Array, start: number, end: number): void {
    const profile = u16(bytes, start);
    const begins = profile === EXTENSION_BEGINS;
    if (begins || profile === EXTENSION_CONTINUES) this.#extension = { bytes, start: start + 4, end };
  }

  onGap(): void {
    this.#gap = true;
  }

  flush(): void {
    this.#finish();
  }

  #nextTimestamp(timestamp: number): void {
    // Whether the packets that are missing were the last of this picture cannot be told.
    if (this.#gap) this.#damaged ||= this.#headerBytes > 0 || this.#extended;
    this.#finish();
    this.#timestamp = timestamp;
  }

  /** Behind the scan's beginning an extension changes nothing any more. */
  #takeExtension(): void {
    const extension = this.#extension;
    this.#extension = null;
    if (extension === null || this.#headerBytes > 0) return;
    this.#extended = true;
    if (!this.#segments.append(extension.bytes, extension.start, extension.end)) this.#damaged = true;
  }

  #take(header: JpegPayloadHeader, bytes: Uint8Array, end: number): void {
    if (this.#extended && header.dataStart === end) return;
    if (this.#headerBytes === 0 && !this.#begin(header, bytes)) {
      this.#damaged = true;
      return;
    }
    // With an extension the offsets count for nothing: what comes in order is put together in order.
    const inPlace = this.#extended || header.offset === this.#frame.length - this.#headerBytes;
    if (!inPlace || !this.#frame.append(bytes, header.dataStart, end)) this.#damaged = true;
  }

  /** Writes the file's headers; false when they cannot be known. */
  #begin(header: JpegPayloadHeader, bytes: Uint8Array): boolean {
    const { type, quality, restartInterval } = header;
    const width = header.width > 0 ? header.width : (this.#size?.width ?? 0);
    const height = header.height > 0 ? header.height : (this.#size?.height ?? 0);
    const tables = this.#tablesFor(header, bytes);
    if (this.#extended) {
      const rtp = { width, height, halfHeightChroma: type === 1, restartInterval, tables: tables ?? this.#lastTables };
      const built = buildExtendedHeader(this.#segments.content, rtp);
      if (built === null || parseJpeg(built) === null) return false;
      this.#headerBytes = built.length;
      return this.#frame.append(built);
    }
    if (header.offset !== 0 || type > 1 || width === 0 || height === 0 || tables === null) return false;
    this.#lastTables = tables;
    const key = `${type} ${quality} ${restartInterval} ${width} ${height}`;
    if (this.#known === null || this.#known.key !== key || this.#known.tables !== tables) {
      const built = buildJpegHeader({ width, height, halfHeightChroma: type === 1, restartInterval, tables });
      this.#known = { header: built, key, tables };
    }
    this.#headerBytes = this.#known.header.length;
    return this.#frame.append(this.#known.header);
  }

  #tablesFor({ quality, tables: sent }: JpegPayloadHeader, bytes: Uint8Array): QuantizationTables | null {
    if (quality === 0 && this.#extended) return null;
    const known = this.#tables.get(quality);
    if (quality < FIRST_DYNAMIC_QUALITY) {
      const tables = known ?? tablesOfQuality(quality);
      if (known === undefined) this.#tables.set(quality, tables);
      return tables;
    }
    if (sent === null || sent.start === sent.end) return quality === CHANGING_QUALITY ? null : (known ?? null);
    const lumaBytes = (sent.precision & 1) === 0 ? 64 : 128;
    const chromaBytes = (sent.precision & 2) === 0 ? 64 : 128;
    const luma = bytes.subarray(sent.start, Math.min(sent.end, sent.start + lumaBytes));
    const rest = bytes.subarray(sent.start + luma.length, Math.min(sent.end, sent.start + lumaBytes + chromaBytes));
    // Cameras without colour send one table.
    const chroma = rest.length === 0 ? luma : rest;
    if (luma.length !== lumaBytes || (rest.length > 0 && rest.length !== chromaBytes)) return null;
    if (known !== undefined && same(known.luma, luma) && same(known.chroma, chroma)) return known;
    const tables = { luma: new Uint8Array(luma), chroma: new Uint8Array(chroma) };
    this.#tables.set(quality, tables);
    return tables;
  }

  #finish(): void {
    const begun = this.#headerBytes > 0 || this.#damaged || this.#extended;
    if (!begun) return;
    const whole = !this.#damaged && this.#headerBytes > 0 && this.#frame.length > this.#headerBytes && this.#end();
    const unit = { timestamp: this.#timestamp, key: true, bytes: this.#frame.content };
    this.#frame.clear();
    this.#segments.clear();
    this.#extended = false;
    this.#headerBytes = 0;
    this.#damaged = false;
    if (whole) this.#sink.onAccessUnit(unit);
    else this.dropped += 1;
  }

  /** Senders may leave the end marker out. */
  #end(): boolean {
    const there = this.#frame.fromEnd(1) === 0xff && this.#frame.fromEnd(0) === MARKER.eoi;
    return there || this.#frame.append(END_OF_IMAGE);
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
