import { messageOf } from '../../contract/errors.ts';
import type { AudioDescription, MediaMessage } from '../../contract/media-frame.ts';
import { readTimedBody } from '../../contract/media-frame.ts';
import type { Log } from '../../platform/log.ts';
import type { RtspSource, SourceSink, SourceTrack, VideoTrack } from '../../platform/rtsp-server/source.ts';
import { fragments } from '../../protocols/fmp4/parse-fragment.ts';
import { type InitDescription, parseInit } from '../../protocols/fmp4/parse-init.ts';

/** Our edges put one picture into a message; more than this in one is an attack on the media thread. */
const SAMPLES_MAX = 512;

/** Takes every message of a stream; never throws. */
export interface MediaTap {
  onMessage(message: MediaMessage): void;
  /** The stream is not watched any more. */
  onClose(): void;
}

/**
 * A stream of an edge as the RTSP server reads it: the access units in the fragments that pass through.
 * @param tap begins to hand over a stream's messages, first those that are kept; returns the function that ends it
 * @param sound whether the camera has any; null when nobody knows
 */
export function relaySource(tap: (tap: MediaTap) => () => void, sound: boolean | null, log: Log): RtspSource {
  return {
    subscribe: (sink) => {
      if (sound !== null) sink.onExpected?.(new Set<SourceTrack['kind']>(sound ? ['video', 'audio'] : ['video']));
      return tap(new SinkTap(sink, log));
    },
  };
}

class SinkTap implements MediaTap {
  readonly #sink: SourceSink;
  readonly #log: Log;
  #hasInit = false;
  #hasSound = false;
  #waitsForKey = true;
  #epoch = -1;
  #sequence = -1;

  constructor(sink: SourceSink, log: Log) {
    this.#sink = sink;
    this.#log = log;
  }

  onMessage(message: MediaMessage): void {
    try {
      this.#take(message);
    } catch (error) {
      // An edge wrote it: its readers end, and nobody else's stream does.
      this.#log.warn({ reason: messageOf(error) }, 'what an edge sent cannot be re-published');
      this.#sink.onEnd();
    }
  }

  #take(message: MediaMessage): void {
    switch (message.type) {
      case 'init':
        return this.#onInit(message);
      case 'fragment':
        return this.#onFragment(message);
      case 'audio-init':
        return this.#onAudioInit(message);
      case 'audio':
      case 'metadata':
        return this.#onTimed(message, message.type);
      case 'end':
        this.#waitsForKey = true;
        return;
    }
  }

  onClose(): void {
    this.#sink.onEnd();
  }

  #onInit({ body, epoch }: MediaMessage): void {
    this.#sink.onTrack(videoTrack(parseInit(body)));
    this.#hasInit = true;
    this.#epoch = epoch;
    this.#waitsForKey = true;
  }

  #onFragment({ body, key, epoch, sequence, edgeAtMs }: MediaMessage): void {
    if (!this.#hasInit || epoch !== this.#epoch) return;
    const isNext = sequence === (this.#sequence + 1) >>> 0;
    this.#sequence = sequence;
    // What came after something that is missing cannot be decoded.
    if (!isNext) this.#waitsForKey = true;
    if (this.#waitsForKey && !key) return;
    const [fragment] = fragments(body);
    // One that cannot be read is missing too.
    this.#waitsForKey = fragment === undefined || fragment.samples.length > SAMPLES_MAX;
    if (fragment === undefined || this.#waitsForKey) return;
    let time = fragment.decodeTime;
    for (const sample of fragment.samples) {
      const bytes = body.subarray(sample.start, sample.end);
      const pts90k = time + sample.compositionOffset;
      this.#sink.onUnit({ kind: 'video', key: sample.key, bytes, pts90k, edgeAtMs });
      time += sample.duration;
    }
  }

  #onAudioInit({ description }: MediaMessage): void {
    const sound = readAudioDescription(description);
    this.#hasSound = sound !== null;
    if (sound === null) return;
    const { codec, clockRate, channels, config } = sound;
    this.#sink.onTrack({ kind: 'audio', codec, clockRate, channels, config: Buffer.from(config, 'base64') });
  }

  #onTimed({ body, edgeAtMs }: MediaMessage, kind: 'audio' | 'metadata'): void {
    const timed = readTimedBody(body);
    if (timed === null || (kind === 'audio' && !this.#hasSound)) return;
    this.#sink.onUnit({ kind, key: true, bytes: timed.bytes, pts90k: timed.pts90k, edgeAtMs });
  }
}

function videoTrack(init: InitDescription): VideoTrack {
  const { width, height } = init;
  return { kind: 'video', codec: init.family, parameterSets: setsOf(init), width, height };
}

function setsOf(init: InitDescription): Uint8Array[] {
  if (init.family === 'h264') return [...init.avc.sps, ...init.avc.pps];
  if (init.family === 'h265') return [...init.hevc.vps, ...init.hevc.sps, ...init.hevc.pps];
  return [];
}

const CODECS: readonly unknown[] = ['aac', 'pcmu', 'pcma'];

/** An edge wrote it: null when it is not as the contract says. */
function readAudioDescription(text: string): AudioDescription | null {
  let value: Partial<AudioDescription> | null;
  try {
    value = JSON.parse(text) as Partial<AudioDescription> | null;
  } catch {
    // No description is no sound.
    return null;
  }
  const { codec, clockRate, channels, config } = value ?? {};
  const isRate = Number.isInteger(clockRate) && Number(clockRate) >= 1000 && Number(clockRate) <= 384_000;
  const isCount = Number.isInteger(channels) && Number(channels) >= 1 && Number(channels) <= 16;
  if (!CODECS.includes(codec) || !isRate || !isCount || typeof config !== 'string') return null;
  return value as AudioDescription;
}
