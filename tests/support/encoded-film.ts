import { execFileSync } from 'node:child_process';
import type {
  InitSegment,
  MediaConsumer,
  MediaFragment,
  StreamReason,
  StreamState,
  VideoFamily,
} from '../../edge/media/types.ts';
import { buildFragment, FRAGMENT_HEADER_BYTES } from '../../protocols/fmp4/fragment.ts';
import { fragments } from '../../protocols/fmp4/parse-fragment.ts';
import { parseInit } from '../../protocols/fmp4/parse-init.ts';

const ENCODERS: Readonly<Record<VideoFamily, readonly string[]>> = {
  h264: ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0'],
  h265: ['-c:v', 'libx265', '-preset', 'ultrafast', '-tag:v', 'hvc1'],
  mjpeg: ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-q:v', '8'],
};
const CODECS: Readonly<Record<VideoFamily, string>> = {
  ...{ h264: 'avc1.42c01e', h265: 'hvc1.1.6.L93.B0', mjpeg: 'mp4v.6C' },
};
const FPS = 25;
const GOP = 25;

/** Pictures of a camera as its stream hands them out. */
export interface Film {
  init: InitSegment;
  fragments: readonly MediaFragment[];
}

/**
 * Pictures that follow a key frame and are shown before it (H.265, with B frames): `decodable` ones refer to nothing
 * before it (RADL), `skipped` ones do (RASL).
 */
type Leading = 'none' | 'decodable' | 'skipped';
const LEADING: Readonly<Record<Leading, string>> = {
  none: 'min-keyint=25:open-gop=0',
  decodable: 'min-keyint=25:open-gop=0:radl=2',
  skipped: 'min-keyint=24:open-gop=1:b-adapt=2',
};

/**
 * Makes real pictures with ffmpeg: 25 frames/s, a key frame each second.
 * @param bFrames only for H.265
 */
export function makeFilm(
  family: VideoFamily,
  {
    seconds = 4,
    width = 320,
    height = 180,
    bFrames = 0,
    leading = 'none' as Leading,
    epoch = 7,
    startSequence = 1,
    startAt90k = 900_000,
  } = {},
): Film {
  const source = ['-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${FPS}:duration=${seconds}`];
  const x265 = `keyint=${GOP}:scenecut=0:${LEADING[leading]}:bframes=${bFrames}:log-level=none`;
  const coding = [...ENCODERS[family], ...(family === 'h265' ? ['-x265-params', x265] : ['-g', String(GOP)])];
  const shape = ['-video_track_timescale', '90000', '-movflags', '+frag_every_frame+empty_moov+default_base_moof'];
  const bytes = execFileSync(
    'ffmpeg',
    ['-v', 'error', ...source, ...coding, '-sc_threshold', '0', ...shape, '-f', 'mp4', 'pipe:1'],
    { maxBuffer: 2 ** 28 },
  );
  const head = bytes.subarray(0, parseInit(bytes).bytes);
  const init: InitSegment = { family, parameterSets: [], epoch, bytes: head, codec: CODECS[family], width, height };
  const made = [...fragments(bytes, head.length)].map(({ decodeTime, samples: [sample] }, i): MediaFragment => {
    if (sample === undefined) throw new Error('a fragment without a frame');
    const times = {
      ...{ sequence: startSequence + i, key: sample.key, decodeTime90k: startAt90k + decodeTime },
      ...{ duration90k: sample.duration, compositionOffset90k: sample.compositionOffset },
    };
    const whole = buildFragment(times, bytes.subarray(sample.start, sample.end));
    return { ...times, init, bytes: whole, sampleAt: FRAGMENT_HEADER_BYTES, edgeAtMs: 1_000_000 + i * 40 };
  });
  return { init, fragments: made };
}

/** A camera's stream whose pictures the test hands out. */
export class FilmSource {
  readonly stream: 'main' | 'sub';
  readonly consumers = new Set<MediaConsumer>();
  #gop: MediaFragment[] = [];
  #init: InitSegment | null = null;
  /** How often it was opened and not released. */
  users = 0;

  constructor(stream: 'main' | 'sub' = 'main') {
    this.stream = stream;
  }

  /** As an opener of streams gives it. */
  open(): {
    stream: 'main' | 'sub';
    subscribe(c: MediaConsumer, o: { withLastGop?: boolean }): () => void;
    release(): void;
  } {
    this.users += 1;
    return {
      stream: this.stream,
      subscribe: (consumer, { withLastGop }) => {
        this.consumers.add(consumer);
        consumer.onState?.('live', 'ok');
        if (withLastGop === true && this.#init !== null) {
          consumer.onInit(this.#init);
          for (const fragment of this.#gop) consumer.onFragment(fragment);
        }
        return () => this.consumers.delete(consumer);
      },
      release: () => {
        this.users -= 1;
      },
    };
  }

  give(film: readonly MediaFragment[]): void {
    for (const fragment of film) {
      if (fragment.key) this.#gop = [];
      this.#gop.push(fragment);
      for (const consumer of this.consumers) {
        if (this.#init !== fragment.init) consumer.onInit(fragment.init);
        consumer.onFragment(fragment);
      }
      this.#init = fragment.init;
    }
  }

  say(state: StreamState, reason: StreamReason): void {
    for (const consumer of this.consumers) consumer.onState?.(state, reason);
  }
}

/** Keeps what a stream hands out. */
export class FilmSink implements MediaConsumer {
  readonly inits: InitSegment[] = [];
  readonly fragments: MediaFragment[] = [];
  readonly states: string[] = [];

  onInit(init: InitSegment): void {
    this.inits.push(init);
  }

  onFragment(fragment: MediaFragment): void {
    this.fragments.push(fragment);
  }

  onState(state: StreamState, reason: StreamReason): void {
    this.states.push(`${state} ${reason}`);
  }

  /** A file that a player can read. */
  get file(): Uint8Array {
    return Buffer.concat([this.inits[0]?.bytes ?? new Uint8Array(0), ...this.fragments.map(({ bytes }) => bytes)]);
  }
}
