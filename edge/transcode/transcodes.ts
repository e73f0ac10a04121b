import { SharpEyesError } from '../../contract/errors.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { MediaConsumer } from '../media/types.ts';
import { TranscodedStream, type TranscodeSource } from './transcoded-stream.ts';

/** What {@link Transcodes} is built from. */
export interface TranscodesOptions {
  /** Opens a camera's stream. Throws DEVICE_UNKNOWN or STREAM_UNKNOWN. */
  open(deviceId: string, stream: 'main' | 'sub'): TranscodeSource;
  /** Path of ffmpeg; null when there is none. Asked for each new stream, so that ffmpeg may be installed meanwhile. */
  program(): string | null;
  config: { transcodes: number; transcodeWidth: number; transcodeKbit: number };
  clock: Clock;
  log: Log;
}

interface Entry {
  deviceId: string;
  stream: TranscodedStream;
  users: number;
  linger: TimerHandle | null;
}

/** After its last viewer left, an encoder goes on for so long, so that changing tiles does not start another. */
const LINGER_MS = 5000;

/** Streams that are encoded anew for viewers that cannot decode them: few at once, each shared by all its viewers. */
export class Transcodes {
  readonly #options: TranscodesOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #ending = new Set<Promise<void>>();

  constructor(options: TranscodesOptions) {
    this.#options = options;
  }

  /** How many encoders run or wait for pictures. */
  get running(): number {
    return this.#entries.size;
  }

  /**
   * What is made of a device's stream; `main` stands in for a `sub` that the device does not have.
   * @throws SharpEyesError TRANSCODER_MISSING, TRANSCODER_BUSY, DEVICE_UNKNOWN or STREAM_UNKNOWN
   */
  open(deviceId: string, wanted: 'main' | 'sub'): TranscodeSource {
    const source = this.#options.open(deviceId, wanted);
    try {
      return this.#share(deviceId, source);
    } catch (error) {
      source.release();
      throw error;
    }
  }

  /** A device goes away or its streams come from elsewhere now. */
  endDevice(deviceId: string): void {
    for (const [key, entry] of this.#entries) if (entry.deviceId === deviceId) this.#end(key, entry);
  }

  /** Ends every encoder and waits until the last is gone. */
  async stop(): Promise<void> {
    for (const [key, entry] of this.#entries) this.#end(key, entry);
    await Promise.all(this.#ending);
  }

  #share(deviceId: string, source: TranscodeSource): TranscodeSource {
    const key = `${deviceId}/${source.stream}`;
    const known = this.#entries.get(key);
    if (known === undefined) return this.#use(key, this.#begin(key, deviceId, source));
    source.release();
    return this.#use(key, known);
  }

  #begin(key: string, deviceId: string, source: TranscodeSource): Entry {
    const { program, config, clock, log } = this.#options;
    const { transcodes, transcodeWidth: maxWidth, transcodeKbit: kbitPer720p } = config;
    const found = program();
    if (found === null) {
      const message = 'the pictures have to be encoded anew and there is no ffmpeg: install it, or set FFMPEG_BIN';
      throw new SharpEyesError('TRANSCODER_MISSING', message);
    }
    this.#makeRoom();
    if (this.#entries.size >= transcodes) {
      const message = `this edge encodes at most ${transcodes} streams anew at once (live.transcodes)`;
      throw new SharpEyesError('TRANSCODER_BUSY', message);
    }
    const settings = { program: found, maxWidth, kbitPer720p };
    const stream = new TranscodedStream(source, settings, { clock, log: log.child({ stream: key }) });
    const entry: Entry = { deviceId, stream, users: 0, linger: null };
    // The camera may have no room for one more consumer; then nothing is kept.
    stream.start();
    this.#entries.set(key, entry);
    return entry;
  }

  /** One that nobody watches any more gives way. */
  #makeRoom(): void {
    if (this.#entries.size < this.#options.config.transcodes) return;
    for (const [key, entry] of this.#entries) if (entry.users === 0) return this.#end(key, entry);
  }

  #use(key: string, entry: Entry): TranscodeSource {
    entry.users += 1;
    entry.linger?.cancel();
    entry.linger = null;
    let isReleased = false;
    return {
      stream: entry.stream.source.stream,
      subscribe: (consumer: MediaConsumer, options) => entry.stream.subscribe(consumer, options),
      release: () => {
        if (isReleased) return;
        isReleased = true;
        entry.users -= 1;
        if (entry.users > 0 || this.#entries.get(key) !== entry) return;
        entry.linger = this.#options.clock.after(LINGER_MS, () => this.#end(key, entry));
      },
    };
  }

  #end(key: string, entry: Entry): void {
    entry.linger?.cancel();
    this.#entries.delete(key);
    const ending = entry.stream.stop();
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }
}
