import type { LiveMessage, TileReason } from '../../contract/live.ts';
import type { MediaMessage } from '../../contract/media-frame.ts';
import type { GopCache } from './gop-cache.ts';

/** The part of a WebSocket that a viewer needs. */
export interface ViewerSocket {
  /** Bytes that were given to it and have not left. */
  readonly bufferedAmount: number;
  send(data: string | Uint8Array): void;
  /** Ends the connection at once. */
  terminate(): void;
}

/** Bounds of one viewer. */
export interface ViewerLimits {
  viewerBufferBytes: number;
  stalledMs: number;
}

interface Watched {
  tiles: Set<string>;
  /** Those of them that want sound. */
  listening: Set<string>;
  /** Epoch whose init segment the viewer has; -1 when none. */
  epoch: number;
  waitsForKey: boolean;
  skipped: number;
  /** Sound's init segment that the viewer has. */
  audioInit: Uint8Array | null;
}

/** Streams of a viewer that does not keep up are shown as too slow after this long. */
const TOLD_AFTER_MS = 2000;

/**
 * One viewer's side of the relay. It never waits for the viewer: beyond the bound of unsent bytes all its streams skip
 * to their next key frame, and a viewer that takes nothing at all any more is disconnected.
 */
export class Viewer {
  readonly viewerId: number;
  readonly #socket: ViewerSocket;
  readonly #limits: ViewerLimits;
  readonly #watched = new Map<number, Watched>();
  readonly #handleOf = new Map<string, number>();
  /** Fewest unsent bytes since the viewer fell behind, and when that was; null while it keeps up. */
  #behind: { lowestBytes: number; progressAtMs: number; sinceMs: number; isTold: boolean } | null = null;

  constructor(viewerId: number, socket: ViewerSocket, limits: ViewerLimits) {
    this.viewerId = viewerId;
    this.#socket = socket;
    this.#limits = limits;
  }

  /** Handles that it watches. */
  get handles(): number[] {
    return [...this.#watched.keys()];
  }

  get isBehind(): boolean {
    return this.#behind !== null;
  }

  tell(message: LiveMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** Tells every tile of a handle why it is as it is. */
  tellTiles(handle: number, reason: TileReason, sinceMs: number): void {
    for (const tile of this.#watched.get(handle)?.tiles ?? []) this.tell({ type: 'tile', tile, reason, sinceMs });
  }

  /** A tile gets a handle's pictures; the last group of pictures comes at once when there is room for it. */
  attach(message: Extract<LiveMessage, { type: 'watching' }>, cache: GopCache, nowMs: number, audio = true): void {
    const { tile, handle } = message;
    this.detach(tile);
    this.#handleOf.set(tile, handle);
    this.tell(message);
    const known = this.#watched.get(handle);
    if (known !== undefined) {
      known.tiles.add(tile);
      if (audio) known.listening.add(tile);
      return;
    }
    const watched: Watched = {
      ...{ tiles: new Set([tile]), listening: new Set(audio ? [tile] : []) },
      ...{ epoch: -1, waitsForKey: true, skipped: 0, audioInit: null },
    };
    this.#watched.set(handle, watched);
    this.#replay(watched, cache, nowMs);
  }

  /** A tile wants no pictures any more; gives the handle that nothing of this viewer watches any more. */
  detach(tile: string): number | null {
    const handle = this.#handleOf.get(tile);
    if (handle === undefined) return null;
    this.#handleOf.delete(tile);
    const watched = this.#watched.get(handle);
    watched?.tiles.delete(tile);
    watched?.listening.delete(tile);
    if (watched === undefined || watched.tiles.size > 0) return null;
    this.#watched.delete(handle);
    return handle;
  }

  /** The handle ended. */
  forget(handle: number): void {
    for (const tile of this.#watched.get(handle)?.tiles ?? []) this.#handleOf.delete(tile);
    this.#watched.delete(handle);
  }

  /** Hands a message on, or skips it; gives the number of fragments that were skipped by this. */
  deliver(message: MediaMessage, bytes: Uint8Array, cache: GopCache, nowMs: number): number {
    const watched = this.#watched.get(message.handle);
    if (watched === undefined) return 0;
    const isSound = message.type === 'audio' || message.type === 'audio-init';
    if (isSound && watched.listening.size === 0) return 0;
    if (message.type === 'audio' || message.type === 'metadata') {
      this.#deliverAside(watched, message, bytes, cache);
      return 0;
    }
    if (this.#isFull(nowMs)) return this.#skip(watched, message);
    if (message.type === 'audio-init') {
      watched.audioInit = bytes;
      this.#socket.send(bytes);
      return 0;
    }
    if (message.type === 'init') {
      watched.epoch = message.epoch;
      watched.waitsForKey = true;
      this.#socket.send(bytes);
      return 0;
    }
    if (message.type === 'end') {
      watched.waitsForKey = true;
      this.#socket.send(bytes);
      return 0;
    }
    if (watched.waitsForKey && !message.key) return this.#skip(watched, message);
    if (watched.waitsForKey) this.#resume(watched, message.handle, cache);
    this.#socket.send(bytes);
    return 0;
  }

  /**
   * Looks after a viewer that has fallen behind, once a second.
   * @returns `stalled` when it was disconnected, `slow` when its tiles have to be told so, `caught-up` when they may be
   *   told the truth again
   */
  check(nowMs: number): 'ok' | 'slow' | 'caught-up' | 'stalled' {
    // Texts alone may fill it, and whoever watches nothing is delivered nothing.
    if (this.#behind === null) this.#isFull(nowMs);
    const behind = this.#behind;
    if (behind === null) return 'ok';
    const bytes = this.#socket.bufferedAmount;
    if (bytes < behind.lowestBytes) {
      behind.lowestBytes = bytes;
      behind.progressAtMs = nowMs;
    }
    if (!this.#isFull(nowMs)) return behind.isTold ? 'caught-up' : 'ok';
    if (nowMs - behind.progressAtMs >= this.#limits.stalledMs) {
      this.#socket.terminate();
      return 'stalled';
    }
    if (behind.isTold || nowMs - behind.sinceMs < TOLD_AFTER_MS) return 'ok';
    behind.isTold = true;
    return 'slow';
  }

  /** Falls behind above the bound, and catches up below half of it. */
  #isFull(nowMs: number): boolean {
    const bytes = this.#socket.bufferedAmount;
    const { viewerBufferBytes } = this.#limits;
    if (this.#behind === null) {
      if (bytes <= viewerBufferBytes) return false;
      this.#behind = { lowestBytes: bytes, progressAtMs: nowMs, sinceMs: nowMs, isTold: false };
      for (const watched of this.#watched.values()) watched.waitsForKey = true;
      return true;
    }
    if (bytes > viewerBufferBytes / 2) return true;
    this.#behind = null;
    return false;
  }

  /** Sound and metadata are left out long before pictures are, and nobody is told. */
  #deliverAside(watched: Watched, message: MediaMessage, bytes: Uint8Array, cache: GopCache): void {
    if (watched.epoch === -1 || this.#socket.bufferedAmount > this.#limits.viewerBufferBytes / 4) return;
    if (message.type === 'audio' && watched.audioInit !== cache.audioInit && cache.audioInit !== null) {
      watched.audioInit = cache.audioInit;
      this.#socket.send(cache.audioInit);
    }
    this.#socket.send(bytes);
  }

  #skip(watched: Watched, message: MediaMessage): number {
    watched.waitsForKey = true;
    if (message.type !== 'fragment') return 0;
    watched.skipped++;
    return 1;
  }

  #resume(watched: Watched, handle: number, cache: GopCache): void {
    if (watched.skipped > 0) this.tell({ type: 'skipped', handle, fragments: watched.skipped });
    watched.skipped = 0;
    watched.waitsForKey = false;
    if (watched.epoch === cache.epoch || cache.init === null) return;
    watched.epoch = cache.epoch;
    this.#socket.send(cache.init);
  }

  #replay(watched: Watched, cache: GopCache, nowMs: number): void {
    if (cache.init === null || this.#isFull(nowMs)) return;
    watched.epoch = cache.epoch;
    this.#socket.send(cache.init);
    const isRoom = this.#socket.bufferedAmount + cache.bytes <= this.#limits.viewerBufferBytes;
    if (cache.fragments.length === 0 || !isRoom) return;
    for (const bytes of cache.fragments) this.#socket.send(bytes);
    watched.waitsForKey = false;
  }
}
