const OUT_RATE = 8000;
/** Telephone sound ends below 3.6 kHz; what lies above would fold back into it. */
const CUT_HZ = 3500;
const TAPS = 97;
const HALF = (TAPS - 1) / 2;

/** Brings sound from any rate above to 8 kHz (windowed sinc). */
export class Downsampler {
  readonly #ratio: number;
  readonly #kernel: Float32Array;
  #rest = new Float32Array(TAPS);
  /** Where the next sample lies in `#rest`. */
  #at = HALF;

  constructor(inRate: number) {
    this.#ratio = inRate / OUT_RATE;
    this.#kernel = kernelFor(Math.min(CUT_HZ / inRate, 0.5));
  }

  push(samples: Float32Array): Float32Array {
    const all = new Float32Array(this.#rest.length + samples.length);
    all.set(this.#rest);
    all.set(samples, this.#rest.length);
    const out: number[] = [];
    // Between two samples lies what both say, by how near they are.
    for (; Math.floor(this.#at) + HALF + 1 < all.length; this.#at += this.#ratio) {
      const first = Math.floor(this.#at) - HALF;
      const share = this.#at - Math.floor(this.#at);
      out.push((1 - share) * this.#filtered(all, first) + share * this.#filtered(all, first + 1));
    }
    const keepFrom = Math.max(0, Math.min(all.length, Math.floor(this.#at) - HALF));
    this.#rest = all.slice(keepFrom);
    this.#at -= keepFrom;
    return Float32Array.from(out);
  }

  #filtered(samples: Float32Array, first: number): number {
    let sum = 0;
    for (let i = 0; i < TAPS; i++) sum += (samples[first + i] ?? 0) * (this.#kernel[i] ?? 0);
    return sum;
  }
}

function kernelFor(cut: number): Float32Array {
  const kernel = Float32Array.from({ length: TAPS }, (_, i) => {
    const x = i - HALF;
    const sinc = x === 0 ? 2 * cut : Math.sin(2 * Math.PI * cut * x) / (Math.PI * x);
    return sinc * (0.54 - 0.46 * Math.cos((2 * Math.PI * i) / (TAPS - 1)));
  });
  const sum = kernel.reduce((total, value) => total + value, 0);
  return kernel.map((value) => value / sum);
}
