const MOOF = 0x6d6f6f66;
const MDAT = 0x6d646174;

/**
 * The frame itself in a fragment of one frame: what stands behind the header of `mdat` (ISO/IEC 14496-12, 8.1.1), a view
 * and not a copy; null when the bytes are no `moof` and `mdat`.
 */
export function sampleOf(fragment: Uint8Array): Uint8Array | null {
  const moof = boxAt(fragment, 0);
  if (moof === null || moof.type !== MOOF) return null;
  const mdat = boxAt(fragment, moof.end);
  if (mdat === null || mdat.type !== MDAT) return null;
  return fragment.subarray(mdat.body, mdat.end);
}

/** A box of an MP4 file: where its content begins and ends. */
export interface Box {
  type: number;
  body: number;
  end: number;
}

/** Reads the header of a box; null when it does not fit into the bytes. */
export function boxAt(bytes: Uint8Array, at: number, limit = bytes.length): Box | null {
  if (at < 0 || at + 8 > limit) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const type = view.getUint32(at + 4);
  let size = view.getUint32(at);
  let body = at + 8;
  if (size === 1) {
    if (at + 16 > limit) return null;
    size = view.getUint32(at + 8) * 2 ** 32 + view.getUint32(at + 12);
    body = at + 16;
  } else if (size === 0) size = limit - at;
  const end = at + size;
  return end < body || end > limit ? null : { type, body, end };
}
