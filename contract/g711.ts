/** G.711 (ITU-T): one byte per sample of telephone sound. */

const MU_BIAS = 0x84;
const MU_CLIP = 32_635;
/** A-law inverts every other bit of a code. */
const A_MASK = 0x55;
const FULL = 32_768;

function muLawSample(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = (((bits & 0x0f) << 3) + MU_BIAS) << ((bits >>> 4) & 7);
  return (bits & 0x80) === 0 ? magnitude - MU_BIAS : MU_BIAS - magnitude;
}

function aLawSample(code: number): number {
  const bits = code ^ A_MASK;
  const exponent = (bits >>> 4) & 7;
  const step = ((bits & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? step : (step + 0x100) << (exponent - 1);
  return (bits & 0x80) === 0 ? -magnitude : magnitude;
}

/** 16-bit sample of each µ-law code (ITU-T G.711 table 2). */
export const MU_LAW_TO_LINEAR = Int16Array.from({ length: 256 }, (_, code) => muLawSample(code));
/** 16-bit sample of each A-law code (ITU-T G.711 table 1). */
export const A_LAW_TO_LINEAR = Int16Array.from({ length: 256 }, (_, code) => aLawSample(code));

/** The µ-law code of a 16-bit sample; what is louder is clipped. */
export function muLawOf(sample: number): number {
  const magnitude = Math.min(MU_CLIP, Math.abs(sample)) + MU_BIAS;
  const exponent = Math.max(0, 24 - Math.clz32(magnitude));
  const mantissa = (magnitude >>> (exponent + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
}

/** The A-law code of a 16-bit sample; what is louder is clipped. */
export function aLawOf(sample: number): number {
  const magnitude = Math.min(32_767, sample < 0 ? -sample - 1 : sample);
  const exponent = Math.max(0, 24 - Math.clz32(magnitude));
  const mantissa = (magnitude >>> (exponent === 0 ? 4 : exponent + 3)) & 0x0f;
  return ((sample < 0 ? 0 : 0x80) | (exponent << 4) | mantissa) ^ A_MASK;
}

const AMPLITUDES = {
  pcmu: Float32Array.from(MU_LAW_TO_LINEAR, (sample) => sample / FULL),
  pcma: Float32Array.from(A_LAW_TO_LINEAR, (sample) => sample / FULL),
} as const;

/** Amplitudes (-1 … 1) of µ-law (`pcmu`) or A-law (`pcma`) bytes. */
export function decodeG711(law: 'pcmu' | 'pcma', bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const amplitudes = AMPLITUDES[law];
  const out = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) out[i] = amplitudes[bytes[i] ?? 0] ?? 0;
  return out;
}

/** µ-law bytes of amplitudes; what lies beyond -1 … 1 is clipped. */
export function encodeMuLaw(amplitudes: Float32Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(amplitudes.length);
  for (let i = 0; i < amplitudes.length; i++) out[i] = muLawOf(Math.round((amplitudes[i] ?? 0) * FULL));
  return out;
}
