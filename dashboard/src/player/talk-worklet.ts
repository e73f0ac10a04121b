import { Downsampler } from './downsampler.ts';

/** What the audio thread offers; TypeScript's DOM library does not know it. */
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

/** 40 ms at 8 kHz. */
const CHUNK = 320;

/** Brings what the microphone hears to 8 kHz and hands it over in pieces of 40 ms. */
class TalkProcessor extends AudioWorkletProcessor {
  readonly #downsampler = new Downsampler(sampleRate);
  #chunk = new Float32Array(CHUNK);
  #filled = 0;

  process([input]: Float32Array[][]): boolean {
    const samples = input?.[0];
    if (samples === undefined) return true;
    for (const sample of this.#downsampler.push(samples)) {
      this.#chunk[this.#filled++] = sample;
      if (this.#filled < CHUNK) continue;
      this.port.postMessage(this.#chunk, [this.#chunk.buffer]);
      this.#chunk = new Float32Array(CHUNK);
      this.#filled = 0;
    }
    return true;
  }
}

registerProcessor('talk', TalkProcessor);
