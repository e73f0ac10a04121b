import { u16 } from '../big-endian.ts';
import type { AacFormat } from './format.ts';

/** One access unit of a packet. */
export interface AuHeader {
  /** Bytes of the whole access unit, also where the packet holds only a piece of it. */
  size: number;
  /** How many access units it lies behind the packet's first. */
  index: number;
}

/** Most access units that we take of one packet. */
const MAX_UNITS = 256;

/** Reads bits; behind the end they are zeros, which callers exclude by counting. */
class Bits {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, bit: number) {
    this.#bytes = bytes;
    this.at = bit;
  }

  take(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i += 1) {
      value = value * 2 + (((this.#bytes[this.at >>> 3] ?? 0) >>> (7 - (this.at & 7))) & 1);
      this.at += 1;
    }
    return value;
  }
}

/** Reads the AU header section and passes over auxiliary data (RFC 3640 section 3.2); null when they do not fit. */
export function readAuHeaders(
  bytes: Uint8Array,
  start: number,
  end: number,
  format: AacFormat,
): { units: AuHeader[]; dataStart: number } | null {
  if (!hasHeaders(format)) {
    const auxiliary = auxiliaryEnd(bytes, start, end, format);
    return auxiliary === null ? null : withoutHeaders(auxiliary, end, format);
  }
  if (end - start < 2) return null;
  const bits = u16(bytes, start);
  const headersEnd = start + 2 + Math.ceil(bits / 8);
  if (headersEnd > end) return null;
  const reader = new Bits(bytes, (start + 2) * 8);
  const lastBit = reader.at + bits;
  const units: AuHeader[] = [];
  let index = 0;
  while (reader.at < lastBit && units.length < MAX_UNITS) {
    const first = units.length === 0;
    const size = format.sizeLength === 0 ? format.constantSize : reader.take(format.sizeLength);
    const delta = reader.take(first ? format.indexLength : format.indexDeltaLength);
    index = first ? 0 : index + delta + 1;
    skipOptional(reader, format);
    if (reader.at > lastBit) return null;
    units.push({ size, index });
  }
  const dataStart = auxiliaryEnd(bytes, headersEnd, end, format);
  return units.length === 0 || dataStart === null ? null : { units, dataStart };
}

function hasHeaders(format: AacFormat): boolean {
  const { sizeLength, indexLength, indexDeltaLength, ctsDeltaLength, dtsDeltaLength, streamStateLength } = format;
  const bits = sizeLength + indexLength + indexDeltaLength + ctsDeltaLength + dtsDeltaLength + streamStateLength;
  return bits > 0 || format.randomAccess;
}

function skipOptional(reader: Bits, format: AacFormat): void {
  if (format.ctsDeltaLength > 0 && reader.take(1) === 1) reader.take(format.ctsDeltaLength);
  if (format.dtsDeltaLength > 0 && reader.take(1) === 1) reader.take(format.dtsDeltaLength);
  reader.take((format.randomAccess ? 1 : 0) + format.streamStateLength);
}

/** Where the access units begin. */
function auxiliaryEnd(bytes: Uint8Array, start: number, end: number, { auxiliaryLength }: AacFormat): number | null {
  if (auxiliaryLength === 0) return start;
  const size = new Bits(bytes, start * 8).take(auxiliaryLength);
  const dataStart = start + Math.ceil((auxiliaryLength + size) / 8);
  return dataStart > end ? null : dataStart;
}

/** Units of one size follow each other. */
function withoutHeaders(dataStart: number, end: number, { constantSize }: AacFormat) {
  const count = Math.min(MAX_UNITS, Math.floor((end - dataStart) / constantSize));
  const units = Array.from({ length: count }, (_, index) => ({ size: constantSize, index }));
  return count === 0 ? null : { units, dataStart };
}
