import { u16s, u32s } from './box-writer.ts';

const ES_DESCRIPTOR = 3;
const DECODER_CONFIG = 4;
const SL_CONFIG = 6;
/** JPEG, ISO/IEC 10918-1. */
const OBJECT_TYPE_JPEG = 0x6c;
/** Visual stream, and the bit that is always set. */
const STREAM_TYPE_VISUAL = (4 << 2) | 1;

/** The descriptor in an `esds` box (ISO/IEC 14496-1 section 7.2.6.5) that says: JPEG pictures. */
export function jpegStreamDescriptor(trackId: number): Uint8Array {
  const decoder = [OBJECT_TYPE_JPEG, STREAM_TYPE_VISUAL, 0, 0, 0, ...u32s(0, 0)];
  const parts = [...descriptor(DECODER_CONFIG, decoder), ...descriptor(SL_CONFIG, [2])];
  return Uint8Array.from(descriptor(ES_DESCRIPTOR, [...u16s(trackId), 0, ...parts]));
}

/** The object type that a descriptor names, or null when it has none: the middle of a `mp4v.6C`. */
export function objectTypeOf(bytes: Uint8Array): number | null {
  const es = open(bytes, 0, ES_DESCRIPTOR);
  if (es === null) return null;
  // Stream dependence, URL and OCR id, each behind a flag; nobody writes them into files.
  const flags = bytes[es + 2] ?? 0;
  let at = es + 3 + ((flags & 0x80) === 0 ? 0 : 2);
  if ((flags & 0x40) !== 0) at += 1 + (bytes[at] ?? 0);
  if ((flags & 0x20) !== 0) at += 2;
  const decoder = open(bytes, at, DECODER_CONFIG);
  return decoder === null ? null : (bytes[decoder] ?? null);
}

function descriptor(tag: number, body: readonly number[]): number[] {
  return [tag, body.length, ...body];
}

/** Where the body of the descriptor at `at` begins; null when it is another or cut off. */
function open(bytes: Uint8Array, at: number, tag: number): number | null {
  if (bytes[at] !== tag) return null;
  for (let i = 1; i <= 4; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) return null;
    if (byte < 0x80) return at + i + 1;
  }
  return null;
}
