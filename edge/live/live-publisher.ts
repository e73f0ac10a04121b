import { buildMediaMessage, buildTimedBody, type MediaHeader } from '../../contract/media-frame.ts';
import type {
  AudioFrame,
  AudioInit,
  InitSegment,
  MediaConsumer,
  MediaFragment,
  StreamReason,
  StreamState,
} from '../media/types.ts';
import type { MediaTransport } from './media-link.ts';

/** What a {@link LivePublisher} needs. */
export interface LivePublisherOptions {
  transport: MediaTransport;
  topic: string;
  /** Number that the hub gave to the stream. */
  handle: number;
  /** Unsent bytes beyond which fragments are dropped up to the next key frame. */
  bufferBytes: number;
  nowMs(): number;
  onDropped(fragments: number): void;
}

/** Wraps one stream's fragments for the hub; drops to the next key frame where the line does not keep up. */
export class LivePublisher implements MediaConsumer {
  readonly #options: LivePublisherOptions;
  #waitsForKey = false;
  #epoch = 0;
  #isLive = false;
  #audioInit: AudioInit | null = null;
  #audioSequence = 0;
  /** Whether sound is wanted. */
  audio = false;

  constructor(options: LivePublisherOptions) {
    this.#options = options;
  }

  onInit(init: InitSegment): void {
    this.#audioInit = null;
    this.#epoch = init.epoch;
    this.#isLive = true;
    const { codec, width, height } = init;
    this.#send({ type: 'init', key: false, sequence: 0 }, init.bytes, JSON.stringify({ codec, width, height }));
  }

  onFragment(fragment: MediaFragment): void {
    const { transport, bufferBytes, onDropped } = this.#options;
    const isFull = transport.queuedBytes > bufferBytes;
    if (isFull || (this.#waitsForKey && !fragment.key)) {
      this.#waitsForKey = true;
      onDropped(1);
      return;
    }
    this.#waitsForKey = false;
    const { key, sequence, bytes, edgeAtMs } = fragment;
    this.#send({ type: 'fragment', key, sequence, edgeAtMs }, bytes);
  }

  onAudio(frame: AudioFrame): void {
    const { transport, bufferBytes } = this.#options;
    // Sound that comes late is of no use: it goes while there is room, and nothing waits for it.
    if (!this.audio || this.#waitsForKey || transport.queuedBytes > bufferBytes / 2) return;
    if (this.#audioInit !== frame.init) {
      this.#audioInit = frame.init;
      const { codec, clockRate, channels, config } = frame.init;
      const description = JSON.stringify({
        codec,
        clockRate,
        channels,
        config: Buffer.from(config).toString('base64'),
      });
      this.#send({ type: 'audio-init', key: false, sequence: 0 }, new Uint8Array(0), description);
    }
    const sequence = ++this.#audioSequence;
    const body = buildTimedBody(frame.pts90k, frame.bytes);
    this.#send({ type: 'audio', key: false, sequence, edgeAtMs: frame.edgeAtMs }, body);
  }

  onState(state: StreamState, reason: StreamReason): void {
    // Why a device's stream does not come the inventory says; it knows nothing of encoders.
    if (state !== 'live' && (this.#isLive || reason === 'transcoder-failed')) this.end(reason);
  }

  /** Says that nothing more comes for now, and why. */
  end(reason: string): void {
    this.#isLive = false;
    this.#send({ type: 'end', key: false, sequence: 0 }, new Uint8Array(0), JSON.stringify({ reason }));
  }

  #send(
    header: Pick<MediaHeader, 'type' | 'key' | 'sequence'> & { edgeAtMs?: number },
    body: Uint8Array,
    description = '',
  ): void {
    const { transport, topic, handle, nowMs } = this.#options;
    const whole = { handle, epoch: this.#epoch, edgeAtMs: nowMs(), ...header };
    transport.send(topic, buildMediaMessage(whole, body, description));
  }
}
