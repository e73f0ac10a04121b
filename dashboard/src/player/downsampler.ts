const OUT_RATE = 8000;
/** Telephone sound ends below 3.6 kHz; what lies above would fold back into it. */
const CUT_HZ = 3500;
const TAPS = 97;

/** Brings sound from any rate above to 8 kHz (windowed sinc). */
export class Downsampler {
  readonly #ratio: number;
  readonly #kernel: Float32Array;
  #rest = new Float32Array(TAPS);
  /** Where the next sample lies in `#rest`. */
  #at = TAPS / 2;

  constructor(inRate: number) {
    this.#ratio = inRate / OUT_RATE;
    this.#kernel = kernelFor(Math.min(CUT_HZ / inRate, 0.5));
  }

  push(samples: Float32Array): Float32Array {
    const all = new Float32Array(this.#rest.length + samples.length);
    all.set(this.#rest);
    all.set(samples, this.#rest.length);
    const out: number[] = [];
    const half = (TAPS - 1) / 2;
    for (; this.#at + half < all.length; this.#at += this.#ratio) {
      const first = Math.round(this.#at) - half;
      let sum = 0;
      for (let i = 0; i < TAPS; i++) sum += (all[first + i] ?? 0) * (this.#kernel[i] ?? 0);
      out.push(sum);
    }
    const keepFrom = Math.max(0, Math.min(all.length, Math.round(this.#at) - half));
    this.#rest = all.slice(keepFrom);
    this.#at -= keepFrom;
    return Float32Array.from(out);
  }
}

function kernelFor(cut: number): Float32Array {
  const half = (TAPS - 1) / 2;
  const kernel = Float32Array.from({ length: TAPS }, (_, i) => {
    const x = i - half;
    const sinc = x === 0 ? 2 * cut : Math.sin(2 * Math.PI * cut * x) / (Math.PI * x);
    return sinc * (0.54 - 0.46 * Math.cos((2 * Math.PI * i) / (TAPS - 1)));
  });
  const sum = kernel.reduce((total, value) => total + value, 0);
  return kernel.map((value) => value / sum);
}
