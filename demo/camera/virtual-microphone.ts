import { encodeMuLaw } from '../../contract/g711.ts';

/** Samples per second of a virtual camera's sound. */
export const SOUND_RATE = 8000;

const BEAT_SAMPLES = SOUND_RATE * 2;
/** Two notes of a chime, as over a square. */
const NOTES_HZ = [660, 528] as const;

/** What is heard at a place: a chime every two seconds over a quiet hum. The same at every time on every stream. */
function amplitudeAt(sample: number): number {
  const inBeat = sample % BEAT_SAMPLES;
  const note = NOTES_HZ[inBeat < BEAT_SAMPLES / 4 ? 0 : 1];
  const sinceNote = (inBeat < BEAT_SAMPLES / 4 ? inBeat : inBeat - BEAT_SAMPLES / 4) / SOUND_RATE;
  const chime = 0.3 * Math.exp(-4 * sinceNote) * Math.sin((2 * Math.PI * note * sample) / SOUND_RATE);
  return chime + 0.01 * Math.sin((2 * Math.PI * 120 * sample) / SOUND_RATE);
}

/** µ-law sound from one sample on. */
export function soundAt(firstSample: number, samples: number): Uint8Array {
  return encodeMuLaw(Float32Array.from({ length: samples }, (_, i) => amplitudeAt(firstSample + i)));
}
