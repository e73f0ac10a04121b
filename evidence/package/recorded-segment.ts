import type { Digests, Hash } from '../digest.ts';
import { type ByteSource, CHUNK_BYTES } from './byte-source.ts';
import type { Piece } from './manifest.ts';

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
  const window = new Window(source);
  if (!(await window.pass(hash, partOffset, initBytes))) return null;
  let at = partOffset + piece.offset;
  const end = at + piece.bytes;
  while (at < end) {
    const head = await window.get(at, 8);
    const bytes = head.length < 8 ? 0 : new DataView(head.buffer, head.byteOffset).getUint32(0);
    if (bytes < 8 || bytes > end - at) return null;
    if (String.fromCharCode(...head.subarray(4)) === 'moof') {
      if (bytes > CHUNK_BYTES) return null;
      const moof = (await window.get(at, bytes)).slice();
      if (moof.length < bytes || !shiftDecodeTime(moof, piece.decodeTimeShift)) return null;
      hash.update(moof);
    } else if (!(await window.pass(hash, at, bytes))) return null;
    at += bytes;
  }
  return hash.digest();
}

/** Reads ahead, so that a box of a few bytes costs no read of its own. */
class Window {
  readonly #source: ByteSource;
  #offset = 0;
  #bytes: Uint8Array = new Uint8Array();

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Up to `length` (at most {@link CHUNK_BYTES}) bytes from `offset`; fewer only at the end. Valid until the next call. */
  async get(offset: number, length: number): Promise<Uint8Array> {
    const start = offset - this.#offset;
    if (start < 0 || start + length > this.#bytes.length) {
      this.#bytes = await this.#source.read(offset, CHUNK_BYTES);
      this.#offset = offset;
      return this.#bytes.subarray(0, length);
    }
    return this.#bytes.subarray(start, start + length);
  }

  /** Hands `[offset, offset + length)` to the hash; false when the source ends before. */
  async pass(hash: Hash, offset: number, length: number): Promise<boolean> {
    for (let at = offset; at < offset + length; ) {
      const bytes = await this.get(at, Math.min(CHUNK_BYTES, offset + length - at));
      if (bytes.length === 0) return false;
      hash.update(bytes);
      at += bytes.length;
    }
    return true;
  }
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
