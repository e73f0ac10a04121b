const MU_BIAS = 0x84;
const MU_CLIP = 32_635;
/** A-law inverts every other bit of a code. */
const A_MASK = 0x55;

function muToLinear(code: number): number {
  const inverted = ~code & 0xff;
  const magnitude = ((((inverted & 0x0f) << 3) + MU_BIAS) << ((inverted >>> 4) & 7)) - MU_BIAS;
  return (inverted & 0x80) === 0 ? magnitude : -magnitude;
}

function aToLinear(code: number): number {
  const plain = code ^ A_MASK;
  const exponent = (plain >>> 4) & 7;
  const step = ((plain & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? step : (step + 0x100) << (exponent - 1);
  return (plain & 0x80) === 0 ? -magnitude : magnitude;
}

/** 16-bit value of each µ-law and A-law code (ITU-T G.711 tables 2 and 1). */
export const MU_LAW_TO_LINEAR = Int16Array.from({ length: 256 }, (_, code) => muToLinear(code));
export const A_LAW_TO_LINEAR = Int16Array.from({ length: 256 }, (_, code) => aToLinear(code));

/** The µ-law code of a 16-bit sample. */
export function muLawOf(sample: number): number {
  const magnitude = Math.min(MU_CLIP, Math.abs(sample)) + MU_BIAS;
  const exponent = 24 - Math.clz32(magnitude);
  const mantissa = (magnitude >>> (exponent + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
}

/** The A-law code of a 16-bit sample. */
export function aLawOf(sample: number): number {
  const magnitude = Math.min(32_767, sample < 0 ? -sample - 1 : sample);
  const exponent = Math.max(0, 24 - Math.clz32(magnitude));
  const mantissa = (magnitude >>> (exponent === 0 ? 4 : exponent + 3)) & 0x0f;
  return ((sample < 0 ? 0 : 0x80) | (exponent << 4) | mantissa) ^ A_MASK;
}

const MU_TO_A = Uint8Array.from(MU_LAW_TO_LINEAR, aLawOf);
const A_TO_MU = Uint8Array.from(A_LAW_TO_LINEAR, muLawOf);

/** Samples in A-law, from µ-law. */
export function muLawToALaw(samples: Uint8Array): Uint8Array {
  return samples.map((code) => MU_TO_A[code] ?? 0);
}

/** Samples in µ-law, from A-law. */
export function aLawToMuLaw(samples: Uint8Array): Uint8Array {
  return samples.map((code) => A_TO_MU[code] ?? 0);
}
