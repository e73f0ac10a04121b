/** G.711 (ITU-T): one byte per sample of telephone sound. Amplitudes are -1 … 1. */

const BIAS = 132;
const CLIP = 32_635;
const FULL = 32_768;

/** One µ-law byte for a 16-bit sample. */
export function muLawByte(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(CLIP, Math.abs(sample)) + BIAS;
  const exponent = Math.max(0, 31 - Math.clz32(magnitude) - 7);
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

function muLawSample(byte: number): number {
  const bits = ~byte & 0xff;
  const exponent = (bits >> 4) & 7;
  const magnitude = (((bits & 0x0f) << 3) + BIAS) << exponent;
  return bits & 0x80 ? BIAS - magnitude : magnitude - BIAS;
}

function aLawSample(byte: number): number {
  const bits = byte ^ 0x55;
  const exponent = (bits >> 4) & 7;
  const mantissa = bits & 0x0f;
  const magnitude = exponent === 0 ? (mantissa << 4) + 8 : ((mantissa << 4) + 264) << (exponent - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}

function table(sampleOf: (byte: number) => number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, byte) => sampleOf(byte) / FULL);
}

const TABLES = { pcmu: table(muLawSample), pcma: table(aLawSample) } as const;

/** Amplitudes of µ-law (`pcmu`) or A-law (`pcma`) bytes. */
export function decodeG711(law: 'pcmu' | 'pcma', bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const amplitudes = TABLES[law];
  const out = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) out[i] = amplitudes[bytes[i] ?? 0] ?? 0;
  return out;
}

/** µ-law bytes of amplitudes; what lies beyond -1 … 1 is clipped. */
export function encodeMuLaw(amplitudes: Float32Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(amplitudes.length);
  for (let i = 0; i < amplitudes.length; i++) out[i] = muLawByte(Math.round((amplitudes[i] ?? 0) * FULL));
  return out;
}
