const ULAW_BIAS = 0x84;
/** Largest magnitude, 13 bits, of each segment of A-law (ITU-T G.711 table 1a). */
const SEGMENT_ENDS = [0x1f, 0x3f, 0x7f, 0xff, 0x1ff, 0x3ff, 0x7ff, 0xfff];

const TABLE = Uint8Array.from({ length: 256 }, (_, code) => alaw(linear(code)));

/** The same G.711 samples in A-law. */
export function ulawToAlaw(samples: Uint8Array): Uint8Array {
  return samples.map((code) => TABLE[code] ?? 0);
}

/** µ-law to 16 bits. */
function linear(code: number): number {
  const inverted = ~code & 0xff;
  const magnitude = (((inverted & 0x0f) << 3) + ULAW_BIAS) << ((inverted & 0x70) >> 4);
  return (inverted & 0x80) === 0 ? magnitude - ULAW_BIAS : ULAW_BIAS - magnitude;
}

/** 16 bits to A-law, even bits inverted as they go over the line. */
function alaw(value: number): number {
  const sign = value >= 0 ? 0xd5 : 0x55;
  const short = value >> 3;
  const magnitude = short >= 0 ? short : -short - 1;
  const segment = SEGMENT_ENDS.findIndex((end) => magnitude <= end);
  if (segment === -1) return 0x7f ^ sign;
  return ((segment << 4) | ((magnitude >> Math.max(1, segment)) & 0x0f)) ^ sign;
}
