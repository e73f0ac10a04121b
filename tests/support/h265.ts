/** VPS, SPS and PPS of a 640x362 Main profile stream at 25 frames/s that reorders up to two frames, made with x265. */
export const HEVC_VPS = Buffer.from('40010c01ffff01600000030090000003000003003f959009', 'hex');
export const HEVC_SPS = Buffer.from(
  '42010101600000030090000003000003003fa005020171f26595924932bc05a02000000300200000030321',
  'hex',
);
export const HEVC_PPS = Buffer.from('4401c172b46240', 'hex');
/** SPS of a camera: 704x480, level 3, no reordering. */
export const HEVC_SPS_480P = Buffer.from('QgEBAWAAAAMAsAAAAwAAAwBaoAWCAeFja5JFL83BQYFBAAADAAEAAAMADKE=', 'base64');

const TYPE = { idr: 20, cra: 21, delta: 1 } as const;

/** A NAL unit shaped like a picture's first slice, of `bytes` bytes; the rest is filled with `fill`. */
export function hevcSlice(kind: keyof typeof TYPE, bytes = 200, fill = 0x55): Buffer {
  const nal = Buffer.alloc(bytes, fill);
  nal[0] = TYPE[kind] << 1;
  nal[1] = 1;
  nal[2] = 0xa0;
  return nal;
}

/** A slice of the same picture that is not its first. */
export function furtherHevcSlice(kind: keyof typeof TYPE, bytes = 200): Buffer {
  const nal = hevcSlice(kind, bytes);
  nal[2] = 0x20;
  return nal;
}
