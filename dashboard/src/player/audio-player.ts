import { type AudioDescription, type MediaMessage, readTimedBody } from '../../../contract/media-frame.ts';
import { AudioSchedule, EdgeTimeline } from './audio-schedule.ts';
import { type DecodedSound, makeSoundDecoder, type SoundDecoder } from './sound-decoder.ts';

/** `waiting`: nothing came yet. `unsupported`: this browser has no decoder for it. */
export type AudioState = 'waiting' | 'playing' | 'unsupported';

/** What an {@link AudioPlayer} needs. */
export interface AudioPlayerOptions {
  /** Edge's time of the picture on the screen; null while there is none. */
  shownEdgeAtMs(): number | null;
  onState(state: AudioState): void;
}

/** Plays the sound of one tile, in step with its picture. It lives from the first message to `stop()`. */
export class AudioPlayer {
  readonly #options: AudioPlayerOptions;
  readonly #schedule = new AudioSchedule();
  readonly #samples = new Float32Array(1024);
  #timeline = new EdgeTimeline();
  #context: AudioContext | null = null;
  #gain: GainNode | null = null;
  #analyser: AnalyserNode | null = null;
  #decoder: SoundDecoder | null = null;
  #described = '';
  #muted = false;
  #state: AudioState = 'waiting';

  constructor(options: AudioPlayerOptions) {
    this.#options = options;
  }

  /** Takes an `audio-init` or `audio` message. */
  take(message: MediaMessage): void {
    if (message.type === 'audio-init') return this.#begin(message.description);
    const sound = message.type === 'audio' ? readTimedBody(message.body) : null;
    if (sound === null || this.#decoder === null) return;
    this.#timeline.observe(sound.pts90k, message.edgeAtMs);
    this.#decoder.decode(sound.bytes, sound.pts90k);
  }

  /** Silences it while somebody speaks into the microphone beside the loudspeaker. */
  mute(muted: boolean): void {
    this.#muted = muted;
    if (this.#gain !== null) this.#gain.gain.value = muted ? 0 : 1;
  }

  /** How loud it is right now: root mean square of the last samples, 0 … 1. */
  level(): number {
    if (this.#analyser === null) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    return Math.sqrt(sum / this.#samples.length);
  }

  stop(): void {
    this.#decoder?.stop();
    this.#decoder = null;
    // It may be closed already; then there is nothing left to do.
    this.#context?.close().catch(() => undefined);
    this.#context = null;
  }

  #begin(text: string): void {
    const description = readDescription(text);
    if (description === null || (text === this.#described && this.#decoder !== null)) return;
    this.#decoder?.stop();
    this.#described = text;
    this.#schedule.reset();
    this.#timeline = new EdgeTimeline();
    this.#decoder = makeSoundDecoder(
      description,
      (sound) => this.#play(sound),
      () => this.#set('unsupported'),
    );
    if (this.#decoder === null) return this.#set('unsupported');
    this.#open(description.clockRate);
  }

  /** At the stream's own rate: the browser then resamples once, at the end, and pieces join without clicks. */
  #open(sampleRate: number): void {
    if (this.#context?.sampleRate === sampleRate) return;
    this.#context?.close().catch(() => undefined);
    const context = new AudioContext({ sampleRate, latencyHint: 'interactive' });
    this.#analyser = new AnalyserNode(context, { fftSize: this.#samples.length });
    this.#gain = new GainNode(context, { gain: this.#muted ? 0 : 1 });
    this.#analyser.connect(this.#gain).connect(context.destination);
    this.#context = context;
    // The person pressed a key or a button to get here, so it may sound.
    context.resume().catch(() => undefined);
  }

  #play({ channels, sampleRate, pts90k }: DecodedSound): void {
    const context = this.#context;
    const [first] = channels;
    if (context === null || this.#analyser === null || first === undefined || first.length === 0) return;
    const durationS = first.length / sampleRate;
    // A packet has arrived when its last sample was heard.
    const edgeAtMs = this.#timeline.edgeAtMs(pts90k) - durationS * 1000;
    const now = { nowS: context.currentTime, shownEdgeAtMs: this.#options.shownEdgeAtMs() };
    const startS = this.#schedule.place({ edgeAtMs, durationS }, now);
    if (startS === null) return;
    const buffer = context.createBuffer(channels.length, first.length, sampleRate);
    for (const [index, channel] of channels.entries()) buffer.copyToChannel(channel, index);
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(this.#analyser);
    source.start(startS);
    this.#set('playing');
  }

  #set(state: AudioState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onState(state);
  }
}

function readDescription(text: string): AudioDescription | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const { codec, clockRate, channels, config } = (value ?? {}) as Record<string, unknown>;
  if (codec !== 'aac' && codec !== 'pcmu' && codec !== 'pcma') return null;
  // Browsers make contexts from 3 to 768 kHz.
  if (typeof clockRate !== 'number' || clockRate < 3000 || clockRate > 192_000) return null;
  if (typeof channels !== 'number' || channels < 1 || channels > 8 || typeof config !== 'string') return null;
  return { codec, clockRate, channels, config };
}
