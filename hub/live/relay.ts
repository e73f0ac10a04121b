import type { LiveMessage, TileReason } from '../../contract/live.ts';
import { type MediaMessage, parseMediaMessage } from '../../contract/media-frame.ts';
import type { MediaTap } from '../republish/relay-source.ts';
import { GopCache } from './gop-cache.ts';
import type { Flow, LiveLimits } from './protocol.ts';
import type { Viewer } from './viewer.ts';

/** A stream that somebody watches. */
interface Stream {
  readonly handle: number;
  readonly edgeId: string;
  readonly streamKey: string;
  readonly cache: GopCache;
  readonly viewers: Set<Viewer>;
  /** Who takes every message and is no viewer. */
  readonly taps: Set<MediaTap>;
  /** What its tiles are told. */
  reason: TileReason;
  sinceMs: number;
  flow: Flow | null;
  lastAtMs: number;
  /** Since when fragments come without an init segment; null while that is not so. */
  noInitSinceMs: number | null;
  /** The edge sends nothing between the key frames, because the line bears no more. */
  keyFramesOnly: boolean;
}

/** Where only key frames are sent, a stream is silent after so many times the usual time: some cameras send one in ten seconds. */
const KEY_FRAMES_PATIENCE = 6;
/** Fragments may come before their init segment for this long. */
const NO_INIT_MS = 2000;

/** Whom the relay tells. */
export interface RelayListener {
  /** A stream flows, or does not any more. */
  onFlow(handle: number, flow: Flow, endReason: string | null): void;
  /** What the pictures that follow are, as the edge describes them. */
  onInit?(handle: number, description: string): void;
  /** A fragment arrived, whatever becomes of it. */
  onFragment?(edgeId: string, fragment: MediaMessage, bytes: number): void;
}

/** What the relay has done since its start. */
export interface RelayCounters {
  /** Messages taken from edges. */
  messages: number;
  bytes: number;
  /** Messages that are no media, or whose handle is not the hub's or was given to another edge or stream. */
  malformed: number;
  foreign: number;
  /** Fragments that could not be used: their init segment is missing. */
  undecodable: number;
  /** Fragments that viewers skipped because they did not keep up or waited for their first key frame. */
  skipped: number;
  stalledViewers: number;
}

/**
 * Hands pictures from edges to viewers, in the media thread. Nothing here waits: the same bytes go to every viewer, and
 * each viewer looks after its own backlog.
 */
export class Relay {
  readonly #limits: LiveLimits;
  readonly #listener: RelayListener;
  readonly #streams = new Map<number, Stream>();
  readonly counters: RelayCounters = {
    messages: 0,
    bytes: 0,
    malformed: 0,
    foreign: 0,
    undecodable: 0,
    skipped: 0,
    stalledViewers: 0,
  };

  constructor(limits: LiveLimits, listener: RelayListener) {
    this.#limits = limits;
    this.#listener = listener;
  }

  get streams(): number {
    return this.#streams.size;
  }

  /** From now on pictures with this handle are taken, from this edge and for this stream only. */
  open(stream: Pick<Stream, 'handle' | 'edgeId' | 'streamKey' | 'reason' | 'sinceMs'>, nowMs: number): void {
    const cache = new GopCache(this.#limits.gopBytes);
    const who = { viewers: new Set<Viewer>(), taps: new Set<MediaTap>() };
    const rest = { cache, ...who, flow: null, lastAtMs: nowMs, noInitSinceMs: null, keyFramesOnly: false };
    this.#streams.set(stream.handle, { ...stream, ...rest });
  }

  close(handle: number): void {
    const stream = this.#streams.get(handle);
    this.#streams.delete(handle);
    for (const viewer of stream?.viewers ?? []) viewer.forget(handle);
    for (const tap of stream?.taps ?? []) tap.onClose();
  }

  /** Hands a stream's messages on, first those that are kept; returns the function that ends it. */
  tap(handle: number, tap: MediaTap): () => void {
    const stream = this.#streams.get(handle);
    if (stream === undefined) {
      tap.onClose();
      return () => undefined;
    }
    const { init, audioInit, fragments } = stream.cache;
    for (const bytes of [init, audioInit, ...fragments]) {
      const message = bytes === null ? null : parseMediaMessage(bytes);
      if (message !== null) tap.onMessage(message);
    }
    stream.taps.add(tap);
    return () => stream.taps.delete(tap);
  }

  /** A tile of a viewer gets a stream. @param audio whether it gets the sound too */
  attach(viewer: Viewer, message: Extract<LiveMessage, { type: 'watching' }>, nowMs: number, audio = true): void {
    this.detach(viewer, message.tile);
    const stream = this.#streams.get(message.handle);
    if (stream === undefined) return;
    stream.viewers.add(viewer);
    viewer.attach(message, stream.cache, nowMs, audio);
    viewer.tell({ type: 'tile', tile: message.tile, reason: stream.reason, sinceMs: stream.sinceMs });
  }

  detach(viewer: Viewer, tile: string): void {
    const handle = viewer.detach(tile);
    if (handle !== null) this.#streams.get(handle)?.viewers.delete(viewer);
  }

  /** How many viewers watch a stream. */
  audience(handle: number): number {
    return this.#streams.get(handle)?.viewers.size ?? 0;
  }

  /** The viewer is gone. */
  remove(viewer: Viewer): void {
    for (const handle of viewer.handles) this.#streams.get(handle)?.viewers.delete(viewer);
  }

  /** Tells every tile of a stream why it is as it is. */
  tell(handle: number, reason: TileReason, sinceMs: number): void {
    const stream = this.#streams.get(handle);
    if (stream === undefined) return;
    stream.reason = reason;
    stream.sinceMs = sinceMs;
    for (const viewer of stream.viewers) viewer.tellTiles(handle, reason, sinceMs);
  }

  /** A message of an edge arrived; `edgeId` is the one that signed in. */
  take(edgeId: string, streamKey: string, bytes: Uint8Array, nowMs: number): void {
    const { counters } = this;
    counters.messages++;
    counters.bytes += bytes.length;
    const message = parseMediaMessage(bytes);
    if (message === null) {
      counters.malformed++;
      return;
    }
    if (message.type === 'fragment') this.#listener.onFragment?.(edgeId, message, bytes.length);
    const stream = this.#streams.get(message.handle);
    if (stream === undefined || stream.edgeId !== edgeId || stream.streamKey !== streamKey) {
      counters.foreign++;
      return;
    }
    const taken = stream.cache.take(message, bytes);
    if (taken !== 'taken') {
      counters.undecodable++;
      if (message.type === 'fragment') this.#noInit(stream, nowMs);
      return;
    }
    if (message.type === 'init') stream.keyFramesOnly = isKeyFramesOnly(message.description);
    if (message.type === 'init') this.#listener.onInit?.(message.handle, message.description);
    for (const viewer of stream.viewers) counters.skipped += viewer.deliver(message, bytes, stream.cache, nowMs);
    for (const tap of stream.taps) tap.onMessage(message);
    if (message.type === 'fragment') {
      stream.lastAtMs = nowMs;
      stream.noInitSinceMs = null;
      this.#setFlow(stream, 'flowing', null);
    } else if (message.type === 'end') this.#setFlow(stream, 'ended', endReasonOf(message.description));
  }

  /** Looks after silent streams and slow viewers, once a second. */
  check(viewers: Iterable<Viewer>, nowMs: number): void {
    for (const stream of this.#streams.values()) {
      const silentMs = this.#limits.silentMs * (stream.keyFramesOnly ? KEY_FRAMES_PATIENCE : 1);
      const isSilent = nowMs - stream.lastAtMs >= silentMs;
      if (stream.flow === 'flowing' && isSilent) this.#setFlow(stream, 'silent', null);
    }
    for (const viewer of viewers) {
      const state = viewer.check(nowMs);
      if (state === 'stalled') this.counters.stalledViewers++;
      else if (state === 'slow')
        for (const handle of viewer.handles) viewer.tellTiles(handle, 'viewer-too-slow', nowMs);
      else if (state === 'caught-up') this.#tellTruth(viewer);
    }
  }

  #tellTruth(viewer: Viewer): void {
    for (const handle of viewer.handles) {
      const stream = this.#streams.get(handle);
      if (stream !== undefined) viewer.tellTiles(handle, stream.reason, stream.sinceMs);
    }
  }

  /** Pictures that nobody can decode: the edge has to begin anew. */
  #noInit(stream: Stream, nowMs: number): void {
    stream.noInitSinceMs ??= nowMs;
    if (nowMs - stream.noInitSinceMs < NO_INIT_MS) return;
    stream.noInitSinceMs = nowMs;
    stream.flow = 'no-init';
    this.#listener.onFlow(stream.handle, 'no-init', null);
  }

  #setFlow(stream: Stream, flow: Flow, endReason: string | null): void {
    // A stream that has ended may end again, for another reason.
    if (stream.flow === flow && flow !== 'ended') return;
    stream.flow = flow;
    this.#listener.onFlow(stream.handle, flow, endReason);
  }
}

function isKeyFramesOnly(description: string): boolean {
  try {
    const value = JSON.parse(description) as { sent?: { keyFramesOnly?: unknown } } | null;
    return value?.sent?.keyFramesOnly === true;
  } catch {
    // A description that cannot be read is the viewers' affair.
    return false;
  }
}

function endReasonOf(description: string): string | null {
  try {
    const value: unknown = JSON.parse(description);
    const reason = (value as { reason?: unknown } | null)?.reason;
    return typeof reason === 'string' ? reason.slice(0, 64) : null;
  } catch {
    // An end without a readable reason is an end all the same.
    return null;
  }
}
