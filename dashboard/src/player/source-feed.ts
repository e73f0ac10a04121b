import type { TimeRange } from './live-edge.ts';
import type { PipelineFault } from './pipeline.ts';

const MAX_QUEUED_BYTES = 16_000_000;

type MediaSourceClass = typeof MediaSource;

/** The browser's media source; iOS has only the managed one. */
export function mediaSourceClass(): MediaSourceClass | null {
  const scope = globalThis as { ManagedMediaSource?: MediaSourceClass; MediaSource?: MediaSourceClass };
  return scope.MediaSource ?? scope.ManagedMediaSource ?? null;
}

/** Whether this browser can decode a codec (RFC 6381 text) in fragmented MP4. */
export function canDecode(codec: string): boolean {
  return mediaSourceClass()?.isTypeSupported(mimeOf(codec)) ?? false;
}

function mimeOf(codec: string): string {
  return `video/mp4; codecs="${codec}"`;
}

/** One media source behind one video element: a bounded queue in front of a source buffer. */
export class SourceFeed {
  readonly #video: HTMLVideoElement;
  #codec: string;
  readonly #onFault: (fault: PipelineFault) => void;
  #source: MediaSource | null = null;
  #buffer: SourceBuffer | null = null;
  #url: string | null = null;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #trimBefore: number | null = null;
  /** Everything in the buffer belongs to what was before. */
  #isStale = false;
  #isOtherCodec = false;
  #quotaHits = 0;

  constructor(video: HTMLVideoElement, codec: string, onFault: (fault: PipelineFault) => void) {
    this.#video = video;
    this.#codec = codec;
    this.#onFault = onFault;
  }

  start(): void {
    const Source = mediaSourceClass();
    if (Source === null) return;
    const source = new Source();
    this.#source = source;
    this.#url = URL.createObjectURL(source);
    source.addEventListener('sourceopen', () => this.#open(source), { once: true });
    this.#video.disableRemotePlayback = true;
    this.#video.addEventListener('error', this.#onMediaError);
    this.#video.src = this.#url;
  }

  stop(): void {
    this.#video.removeEventListener('error', this.#onMediaError);
    this.#buffer?.removeEventListener('updateend', this.#pump);
    this.#source = null;
    this.#buffer = null;
    this.#queue = [];
    this.#queuedBytes = 0;
    if (this.#url !== null) URL.revokeObjectURL(this.#url);
    this.#url = null;
  }

  /** Empties the buffer and goes on with another init segment, of the same codec or another. */
  reopen(codec: string, init: Uint8Array): void {
    this.#isOtherCodec ||= codec !== this.#codec;
    this.#codec = codec;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#trimBefore = null;
    this.#isStale = true;
    this.append(init);
  }

  append(bytes: Uint8Array): void {
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    if (this.#queuedBytes > MAX_QUEUED_BYTES) this.#onFault('overflow');
    else this.#pump();
  }

  /** Removes old pictures when the buffer is next free. */
  trim(before: number): void {
    this.#trimBefore = before;
    this.#pump();
  }

  ranges(): TimeRange[] {
    // A source buffer that the browser has taken away throws at every look.
    if (this.#buffer === null || this.#isStale || this.#source?.readyState !== 'open') return [];
    const buffered = this.#buffer.buffered;
    const ranges: TimeRange[] = [];
    for (let i = 0; i < buffered.length; i++) ranges.push({ start: buffered.start(i), end: buffered.end(i) });
    return ranges;
  }

  #open(source: MediaSource): void {
    if (source !== this.#source) return;
    source.duration = Number.POSITIVE_INFINITY;
    this.#buffer = source.addSourceBuffer(mimeOf(this.#codec));
    this.#buffer.addEventListener('updateend', this.#pump);
    this.#isStale = false;
    this.#pump();
  }

  /** Whether the buffer is busy with it; the queue goes on when it is done. */
  #empty(buffer: SourceBuffer): boolean {
    this.#isStale = false;
    buffer.abort();
    if (this.#isOtherCodec) buffer.changeType(mimeOf(this.#codec));
    this.#isOtherCodec = false;
    if (buffer.buffered.length === 0) return false;
    buffer.remove(0, Number.POSITIVE_INFINITY);
    return true;
  }

  readonly #onMediaError = (): void => this.#onFault('decode');

  readonly #pump = (): void => {
    const buffer = this.#buffer;
    if (buffer === null || buffer.updating) return;
    if (this.#source?.readyState !== 'open') {
      this.#onFault('closed');
      return;
    }
    if (this.#isStale && this.#empty(buffer)) return;
    if (this.#trimBefore !== null) {
      const before = this.#trimBefore;
      this.#trimBefore = null;
      if (before > 0) {
        buffer.remove(0, before);
        return;
      }
    }
    if (this.#queue.length > 0) this.#appendTo(buffer);
  };

  #appendTo(buffer: SourceBuffer): void {
    const bytes = joined(this.#queue, this.#queuedBytes);
    try {
      buffer.appendBuffer(bytes);
      this.#queue = [];
      this.#queuedBytes = 0;
      this.#quotaHits = 0;
    } catch (thrown) {
      if (!(thrown instanceof DOMException) || thrown.name !== 'QuotaExceededError') {
        this.#onFault('decode');
        return;
      }
      this.#quotaHits += 1;
      if (this.#quotaHits > 2) this.#onFault('quota');
      else this.trim(this.#video.currentTime - 1);
    }
  }
}

function joined(parts: readonly Uint8Array[], bytes: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
