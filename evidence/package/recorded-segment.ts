import type { Digests } from '../digest.ts';
import { type ByteSource, readExactly, readThrough } from './byte-source.ts';
import type { Piece } from './manifest.ts';

const MAX_MOOF_BYTES = 1024 * 1024;

/**
 * SHA-256 of a segment as the recorder wrote it, put together again from a part: the init segment, then the piece's
 * fragments with the decode times they had.
 * @param partOffset where the part begins in the package
 * @returns the hash, or null when the piece is not a run of whole boxes
 */
export async function recordedHash(
  digests: Digests,
  source: ByteSource,
  partOffset: number,
  initBytes: number,
  piece: Piece,
): Promise<string | null> {
  const hash = digests.sha256();
  const update = (bytes: Uint8Array): void => hash.update(bytes);
  if (!(await readThrough(source, partOffset, initBytes, update))) return null;
  let at = partOffset + piece.offset;
  const end = at + piece.bytes;
  while (at < end) {
    const head = await readExactly(source, at, 8);
    const bytes = head.length < 8 ? 0 : new DataView(head.buffer).getUint32(0);
    if (bytes < 8 || bytes > end - at) return null;
    if (String.fromCharCode(...head.subarray(4)) === 'moof') {
      if (bytes > MAX_MOOF_BYTES) return null;
      const moof = await readExactly(source, at, bytes);
      if (!shiftDecodeTime(moof, piece.decodeTimeShift)) return null;
      update(moof);
    } else if (!(await readThrough(source, at, bytes, update))) return null;
    at += bytes;
  }
  return hash.digest();
}

/** Adds to the `tfdt` of a `moof` (ISO/IEC 14496-12 section 8.8.12), in place; false when there is none or no room. */
function shiftDecodeTime(moof: Uint8Array, shift: number): boolean {
  const view = new DataView(moof.buffer, moof.byteOffset, moof.length);
  const traf = findBox(view, 8, moof.length, 'traf');
  const tfdt = traf === null ? null : findBox(view, traf.body, traf.end, 'tfdt');
  if (tfdt === null) return false;
  const long = view.getUint8(tfdt.body) === 1;
  if (tfdt.end - tfdt.body < (long ? 12 : 8)) return false;
  if (long) view.setBigUint64(tfdt.body + 4, view.getBigUint64(tfdt.body + 4) + BigInt(shift));
  else view.setUint32(tfdt.body + 4, view.getUint32(tfdt.body + 4) + shift);
  return true;
}

function findBox(view: DataView, from: number, end: number, type: string): { body: number; end: number } | null {
  let at = from;
  while (at + 8 <= end) {
    const size = view.getUint32(at);
    if (size < 8 || size > end - at) return null;
    const name = String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at + 4, 4));
    if (name === type) return { body: at + 8, end: at + size };
    at += size;
  }
  return null;
}
