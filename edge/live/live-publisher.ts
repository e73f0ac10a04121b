import { buildMediaParts, buildTimedBody, type MediaHeader, type SentStream } from '../../contract/media-frame.ts';
import type {
  AudioFrame,
  AudioInit,
  InitSegment,
  MediaConsumer,
  MediaFragment,
  StreamReason,
  StreamState,
} from '../media/types.ts';
import type { LineBudget, LineLane } from './line-budget.ts';

/** What a {@link LivePublisher} needs. */
export interface LivePublisherOptions {
  budget: LineBudget;
  topic: string;
  /** Number that the hub gave to the stream. */
  handle: number;
  nowMs(): number;
  /** The line did not bear the stream: everything up to its next key frame was dropped. */
  onCut(fragments: number): void;
}

/** One of a camera's streams as a source of the publisher. */
export interface PublisherSource extends MediaConsumer {
  /** Bytes that it brought, sent or not, and bytes of its key frames alone. */
  readonly offered: { bytes: number; keyBytes: number };
}

/** How a source is sent. */
export interface SentAs {
  keyFramesOnly: boolean;
  /** What the init segment says of it; null where it is simply what was asked for. */
  sent: SentStream | null;
}

/**
 * Wraps one stream's fragments for the hub. The camera's streams may take each other's place under the same handle: the
 * new one begins with a key frame, and until then the one before goes on. Sequences and epochs are the handle's own, so
 * that they go on over such a change.
 */
export class LivePublisher implements LineLane {
  readonly #options: LivePublisherOptions;
  priority = 0;
  newestOnly = false;
  /** Whether sound is wanted. */
  audio = false;
  #active: Source | null = null;
  #next: { source: Source; as: SentAs; onSwitched: () => void } | null = null;
  #as: SentAs = { keyFramesOnly: false, sent: null };
  /** What was said last; null when an init segment has to be said before the next key frame. */
  #saidInit: InitSegment | null = null;
  #knownInit: InitSegment | null = null;
  #epoch = 0;
  #sequence = 0;
  #isLive = false;
  #waitsForKey = false;
  #audioInit: AudioInit | null = null;
  #audioSequence = 0;

  constructor(options: LivePublisherOptions) {
    this.#options = options;
  }

  get topic(): string {
    return this.#options.topic;
  }

  get handle(): number {
    return this.#options.handle;
  }

  onCut(fragments: number): void {
    this.#waitsForKey = true;
    this.#options.onCut(fragments);
  }

  /** A consumer for one of the camera's streams. Nothing of it is sent before {@link switchTo}. */
  source(): PublisherSource {
    return new Source(this);
  }

  /**
   * Sends this source from its next key frame on, in place of the one before.
   * @param onSwitched called when it has begun
   */
  switchTo(source: PublisherSource, as: SentAs, onSwitched: () => void): void {
    if (!(source instanceof Source)) return;
    this.#next = { source, as, onSwitched };
    if (this.#active === null) this.#switch();
    else if (this.#active === source) {
      this.newestOnly = as.keyFramesOnly;
      this.#as = { ...this.#as, keyFramesOnly: this.#as.keyFramesOnly || as.keyFramesOnly };
    }
  }

  /** The connection is new: everything begins anew. */
  restart(): void {
    this.#saidInit = null;
    this.#audioInit = null;
    this.#waitsForKey = true;
  }

  /** Says that nothing more comes for now, and why. */
  end(reason: string): void {
    this.#isLive = false;
    this.#saidInit = null;
    this.#options.budget.clear(this);
    this.#control({ type: 'end' }, new Uint8Array(0), JSON.stringify({ reason }));
  }

  /** Nothing is sent until the next {@link switchTo}. */
  pause(reason: string): void {
    this.#active = null;
    this.#next = null;
    this.end(reason);
  }

  fragmentOf(source: Source, fragment: MediaFragment): void {
    if (fragment.key && this.#next?.source === source) this.#switch();
    if (source !== this.#active) return;
    this.#sequence += 1;
    const { budget, handle } = this.#options;
    const { key, bytes, edgeAtMs } = fragment;
    if (!key && (this.#as.keyFramesOnly || this.#waitsForKey)) return;
    if (!budget.takes(this, key)) return;
    if (key) this.#begin(fragment.init);
    else if (this.#saidInit !== fragment.init) return;
    const sequence = this.#sequence;
    const header: MediaHeader = { type: 'fragment', key, handle, epoch: this.#epoch, sequence, edgeAtMs };
    budget.fragment(this, buildMediaParts(header, bytes), sequence, key);
    // Behind the call: a key frame may cut off what stands before it.
    if (key) this.#waitsForKey = false;
  }

  audioOf(source: Source, frame: AudioFrame): void {
    // Sound that comes late is of no use: it goes while there is room, and nothing waits for it.
    if (!this.audio || source !== this.#active || this.#waitsForKey || this.#as.keyFramesOnly || !this.#isLive) return;
    const { budget, handle } = this.#options;
    if (!budget.hasRoom(frame.bytes.length)) return;
    if (this.#audioInit !== frame.init) {
      this.#audioInit = frame.init;
      const { codec, clockRate, channels, config } = frame.init;
      const description = { codec, clockRate, channels, config: Buffer.from(config).toString('base64') };
      this.#control({ type: 'audio-init' }, new Uint8Array(0), JSON.stringify(description));
    }
    const sequence = ++this.#audioSequence;
    const { edgeAtMs } = frame;
    const header: MediaHeader = { type: 'audio', key: false, handle, epoch: this.#epoch, sequence, edgeAtMs };
    budget.sound(this, buildMediaParts(header, buildTimedBody(frame.pts90k, frame.bytes)));
  }

  stateOf(source: Source, state: StreamState, reason: StreamReason): void {
    if (source !== this.#active || state === 'live') return;
    // Why a device's stream does not come the inventory says; it knows nothing of encoders.
    if (this.#isLive || reason === 'transcoder-failed') this.end(reason);
  }

  #switch(): void {
    if (this.#next === null) return;
    const { source, as, onSwitched } = this.#next;
    this.#next = null;
    this.#active = source;
    this.#as = as;
    this.newestOnly = as.keyFramesOnly;
    this.#saidInit = null;
    this.#audioInit = null;
    onSwitched();
  }

  /** An init segment goes before the first key frame of an epoch, and again when what is said in it has changed. */
  #begin(init: InitSegment): void {
    if (this.#saidInit === init) return;
    if (this.#knownInit !== init) this.#epoch = Math.max(this.#epoch + 1, init.epoch);
    this.#knownInit = init;
    this.#saidInit = init;
    this.#isLive = true;
    const { codec, width, height } = init;
    const { sent } = this.#as;
    const description = { codec, width, height, ...(sent === null ? {} : { sent }) };
    this.#control({ type: 'init' }, init.bytes, JSON.stringify(description));
  }

  #control(header: Pick<MediaHeader, 'type'>, body: Uint8Array, description: string): void {
    const { budget, handle, nowMs } = this.#options;
    const whole = { key: false, handle, epoch: this.#epoch, sequence: 0, edgeAtMs: nowMs(), ...header };
    budget.control(this, buildMediaParts(whole, body, description));
  }
}

class Source implements PublisherSource {
  readonly #publisher: LivePublisher;
  readonly offered = { bytes: 0, keyBytes: 0 };

  constructor(publisher: LivePublisher) {
    this.#publisher = publisher;
  }

  onInit(): void {
    // Each fragment names its own.
  }

  onFragment(fragment: MediaFragment): void {
    const { length } = fragment.bytes;
    this.offered.bytes += length;
    if (fragment.key) this.offered.keyBytes += length;
    this.#publisher.fragmentOf(this, fragment);
  }

  onAudio(frame: AudioFrame): void {
    this.#publisher.audioOf(this, frame);
  }

  onState(state: StreamState, reason: StreamReason): void {
    this.#publisher.stateOf(this, state, reason);
  }
}
