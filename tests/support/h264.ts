/** SPS of a 640x360 High profile stream at 25 frames/s that reorders up to two frames, made with x264. */
export const SPS_360P = Buffer.from('6764001eacd940a02ff97011000003000100000300320f162d96', 'hex');
/** SPS of a 320x180 stream at 25 frames/s, 4:4:4. */
export const SPS_180P = Buffer.from('67f4000c919b282833f1b808800000030080000019078a14cb', 'hex');
/** A PPS with id 0. */
export const PPS = Buffer.from('68ebe3cb22c0', 'hex');

/** A NAL unit shaped like a picture's first slice, of `bytes` bytes; the rest is filled with `fill`. */
export function slice(kind: 'idr' | 'delta', bytes = 200, fill = 0x55): Buffer {
  const nal = Buffer.alloc(bytes, fill);
  nal[0] = kind === 'idr' ? 0x65 : 0x41;
  nal[1] = 0x88;
  return nal;
}

/** A slice of the same picture that is not its first. */
export function furtherSlice(kind: 'idr' | 'delta', bytes = 200): Buffer {
  const nal = slice(kind, bytes);
  nal[1] = 0x20;
  return nal;
}
