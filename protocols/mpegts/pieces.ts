import { SharpEyesError } from '../../contract/errors.ts';

/** Packets of a transport stream (ISO/IEC 13818-1) that belong together. */
export interface TsPiece {
  /** It begins with a picture that stands alone. */
  key: boolean;
  bytes: Uint8Array;
}

/** Length of every packet. */
export const TS_PACKET_BYTES = 188;
const SYNC = 0x47;

/**
 * Cuts a transport stream with one video track at the beginnings of its pictures, so that a receiver may begin, and go on
 * after a gap, at a key picture. What arrives is handed on at once: a picture that comes in parts leaves in parts.
 */
export class TsPieces {
  #rest: Uint8Array = new Uint8Array(0);

  /**
   * Takes the next bytes; gives whole packets, one piece per picture that begins in them.
   * @throws SharpEyesError MEDIA_MALFORMED when packets do not begin where they should
   */
  push(chunk: Uint8Array): TsPiece[] {
    const bytes = this.#rest.length === 0 ? chunk : joined(this.#rest, chunk);
    const whole = bytes.length - (bytes.length % TS_PACKET_BYTES);
    this.#rest = bytes.subarray(whole);
    const pieces: TsPiece[] = [];
    let start = 0;
    let key = false;
    for (let at = 0; at < whole; at += TS_PACKET_BYTES) {
      if (bytes[at] !== SYNC) throw new SharpEyesError('MEDIA_MALFORMED', 'The transport stream lost its packets.');
      if (!beginsPicture(bytes, at)) continue;
      if (at > start) pieces.push({ key, bytes: bytes.subarray(start, at) });
      start = at;
      key = isRandomAccess(bytes, at);
    }
    if (whole > start) pieces.push({ key, bytes: bytes.subarray(start, whole) });
    return pieces;
  }
}

/** A packet with the header of a video packet (stream_id 1110 xxxx, section 2.4.3.7) at the beginning of its payload. */
function beginsPicture(bytes: Uint8Array, at: number): boolean {
  const hasStart = ((bytes[at + 1] ?? 0) & 0x40) !== 0;
  const control = ((bytes[at + 3] ?? 0) >> 4) & 3;
  if (!hasStart || (control & 1) === 0) return false;
  const payload = at + 4 + ((control & 2) === 0 ? 0 : 1 + (bytes[at + 4] ?? 0));
  if (payload + 4 > at + TS_PACKET_BYTES) return false;
  const isPes = bytes[payload] === 0 && bytes[payload + 1] === 0 && bytes[payload + 2] === 1;
  return isPes && ((bytes[payload + 3] ?? 0) & 0xf0) === 0xe0;
}

/** random_access_indicator of the adaptation field (section 2.4.3.5). */
function isRandomAccess(bytes: Uint8Array, at: number): boolean {
  const hasField = ((bytes[at + 3] ?? 0) & 0x20) !== 0;
  return hasField && (bytes[at + 4] ?? 0) > 0 && ((bytes[at + 5] ?? 0) & 0x40) !== 0;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
