import {
  type LiveMessage,
  type TalkState,
  TILES_PER_VIEWER,
  type ViewerCodec,
  type ViewerMessage,
} from '../../../contract/live.ts';
import { type MediaMessage, parseMediaMessage } from '../../../contract/media-frame.ts';
import { Backoff } from '../transport/backoff.ts';
import { GopCache } from './gop-cache.ts';
import { parseLiveMessage } from './live-message.ts';
import type { PlayerClock } from './player-clock.ts';
import type { TileOrder, TileSink } from './tile-sink.ts';

/** The part of a browser's WebSocket that is used. */
export interface SocketLike {
  binaryType: string;
  onopen: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(): void;
}

export type LiveSocketState = 'stopped' | 'connecting' | 'open' | 'waiting';

interface Watched {
  order: TileOrder;
  sink: TileSink;
  priority: number;
  /** Whether this tile is within the limit of tiles and therefore asked for. */
  admitted: boolean;
  handle: number | null;
}

const PING_EVERY_MS = 5000;
const SILENCE_MS = 15_000;

/**
 * The one WebSocket over which all tiles of this browser get their pictures. After a loss it connects again with
 * back-off and asks for everything anew by itself; tiles only hear a restart. At most {@link TILES_PER_VIEWER} tiles
 * are asked for, those with the highest priority first.
 *
 * States: stopped -start-> connecting -opened-> open -lost-> waiting -timer-> connecting; any -stop-> stopped.
 */
export class LiveSocket {
  readonly #connect: () => SocketLike;
  readonly #codecs: () => readonly ViewerCodec[];
  readonly #clock: PlayerClock;
  readonly #onPong: (sentAtMs: number, receivedAtMs: number, hubAtMs: number) => void;
  readonly #backoff: Backoff;
  readonly #tiles = new Map<string, Watched>();
  readonly #byHandle = new Map<number, { tiles: Set<string>; cache: GopCache }>();
  readonly #listeners = new Set<() => void>();
  #talk: { deviceId: string; onState: (state: TalkState) => void } | null = null;
  #state: LiveSocketState = 'stopped';
  #socket: SocketLike | null = null;
  #cancelRetry: (() => void) | null = null;
  #cancelPing: (() => void) | null = null;
  #heardAtMs = 0;

  constructor(options: {
    connect: () => SocketLike;
    /** What this browser can show; said first on every connection. */
    codecs: () => readonly ViewerCodec[];
    clock: PlayerClock;
    random: () => number;
    onPong: (sentAtMs: number, receivedAtMs: number, hubAtMs: number) => void;
  }) {
    this.#connect = options.connect;
    this.#codecs = options.codecs;
    this.#clock = options.clock;
    this.#onPong = options.onPong;
    this.#backoff = new Backoff({ firstMs: 500, maxMs: 2000, random: options.random });
  }

  start(): void {
    if (this.#state === 'stopped') this.#dial();
  }

  stop(): void {
    this.#drop();
    this.#set('stopped');
  }

  /** Tries at once instead of waiting for the back-off (the network came back, the page became visible). */
  retryNow(): void {
    if (this.#state !== 'waiting') return;
    this.#backoff.reset();
    this.#dial();
  }

  /** Shows a stream on a tile; called again with another order or priority it changes it. */
  watch(tile: string, order: TileOrder, sink: TileSink, priority = 0): void {
    const before = this.#tiles.get(tile);
    if (before !== undefined && before.order.deviceId === order.deviceId && before.sink === sink) {
      const isNew = !sameOrder(before.order, order) || rankOf(before.priority) !== rankOf(priority);
      before.order = order;
      before.priority = priority;
      // What is shown goes on until the hub has answered.
      if (isNew && before.admitted) this.#send(watchMessage(tile, before));
    } else {
      if (before !== undefined) this.#release(tile, before);
      this.#tiles.set(tile, { order, sink, priority, admitted: false, handle: null });
    }
    this.#admit();
  }

  unwatch(tile: string): void {
    const watched = this.#tiles.get(tile);
    if (watched === undefined) return;
    this.#tiles.delete(tile);
    this.#release(tile, watched);
    if (watched.admitted) this.#send({ type: 'unwatch', tile });
    this.#admit();
  }

  /** Asks for a tile's stream from the beginning: init segment and last group of pictures. */
  restart(tile: string): void {
    const watched = this.#tiles.get(tile);
    if (watched === undefined || !watched.admitted) return;
    this.#release(tile, watched);
    watched.sink.onRestart();
    this.#send({ type: 'unwatch', tile });
    this.#send(watchMessage(tile, watched));
  }

  /**
   * Asks to speak through a device; once it heard `open`, {@link say} is heard there. One at a time: the talk before
   * ends.
   */
  talk(deviceId: string, onState: (state: TalkState) => void): void {
    this.endTalk();
    if (this.#state !== 'open') {
      onState({ state: 'refused', reason: 'unreachable' });
      return;
    }
    this.#talk = { deviceId, onState };
    this.#send({ type: 'talk', deviceId });
  }

  /** Sound for the device that is spoken through: G.711 µ-law, 8 kHz. */
  say(sound: Uint8Array<ArrayBuffer>): void {
    if (this.#talk !== null && this.#state === 'open') this.#socket?.send(sound);
  }

  /** Without a talk nothing happens. */
  endTalk(): void {
    if (this.#talk === null) return;
    this.#talk = null;
    this.#send({ type: 'talk-end' });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): LiveSocketState => this.#state;

  #set(state: LiveSocketState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  #dial(): void {
    this.#drop();
    this.#set('connecting');
    const socket = this.#connect();
    this.#socket = socket;
    this.#heardAtMs = this.#clock.nowMs();
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#opened();
    socket.onclose = () => this.#lost();
    socket.onmessage = ({ data }) => this.#receive(data);
    this.#ping();
  }

  #opened(): void {
    this.#backoff.reset();
    this.#set('open');
    this.#send({ type: 'hello', codecs: [...this.#codecs()] });
    this.#send({ type: 'ping', sentAtMs: this.#clock.nowMs() });
    for (const [tile, watched] of this.#tiles) if (watched.admitted) this.#send(watchMessage(tile, watched));
  }

  #lost(): void {
    this.#drop();
    this.#set('waiting');
    this.#cancelRetry = this.#clock.after(this.#backoff.next(), () => this.#dial());
  }

  /** Lets go of the socket, its timers and everything that was known through it. */
  #drop(): void {
    this.#cancelRetry?.();
    this.#cancelPing?.();
    this.#cancelRetry = null;
    this.#cancelPing = null;
    const socket = this.#socket;
    this.#socket = null;
    if (socket !== null) {
      socket.onopen = null;
      socket.onclose = null;
      socket.onmessage = null;
      socket.close();
    }
    const talk = this.#talk;
    this.#talk = null;
    talk?.onState({ state: 'ended', reason: 'unreachable' });
    this.#byHandle.clear();
    for (const watched of this.#tiles.values()) {
      if (watched.handle !== null) watched.sink.onRestart();
      watched.handle = null;
    }
  }

  #ping(): void {
    this.#cancelPing = this.#clock.after(PING_EVERY_MS, () => {
      const nowMs = this.#clock.nowMs();
      if (nowMs - this.#heardAtMs > SILENCE_MS) {
        this.#lost();
        return;
      }
      this.#send({ type: 'ping', sentAtMs: nowMs });
      this.#ping();
    });
  }

  #send(message: ViewerMessage): void {
    if (this.#state === 'open') this.#socket?.send(JSON.stringify(message));
  }

  /** Gives the places to the tiles with the highest priority; the others wait and say so. */
  #admit(): void {
    const ranked = [...this.#tiles].sort(([, a], [, b]) => b.priority - a.priority);
    for (const [at, [tile, watched]] of ranked.entries()) {
      const admitted = at < TILES_PER_VIEWER;
      if (admitted === watched.admitted) continue;
      watched.admitted = admitted;
      if (admitted) {
        this.#send(watchMessage(tile, watched));
      } else {
        this.#release(tile, watched);
        this.#send({ type: 'unwatch', tile });
        watched.sink.onReason('limit', this.#clock.nowMs());
      }
    }
  }

  #release(tile: string, watched: Watched): void {
    if (watched.handle === null) return;
    const entry = this.#byHandle.get(watched.handle);
    entry?.tiles.delete(tile);
    if (entry?.tiles.size === 0) this.#byHandle.delete(watched.handle);
    watched.handle = null;
  }

  #receive(data: unknown): void {
    this.#heardAtMs = this.#clock.nowMs();
    if (data instanceof ArrayBuffer) {
      const message = parseMediaMessage(new Uint8Array(data));
      if (message !== null) this.#media(message);
    } else if (typeof data === 'string') {
      const message = parseLiveMessage(data);
      if (message !== null) this.#control(message);
    }
  }

  #media(message: MediaMessage): void {
    const entry = this.#byHandle.get(message.handle);
    if (entry === undefined) return;
    entry.cache.take(message);
    for (const tile of entry.tiles) {
      const watched = this.#tiles.get(tile);
      if (watched !== undefined) deliver(watched, message);
    }
  }

  #control(message: LiveMessage): void {
    if (message.type === 'pong') {
      this.#onPong(message.sentAtMs, this.#heardAtMs, message.hubAtMs);
    } else if (message.type === 'tile') {
      const watched = this.#tiles.get(message.tile);
      if (watched?.admitted) watched.sink.onReason(message.reason, message.sinceMs);
    } else if (message.type === 'talk') {
      const talk = this.#talk;
      if (talk?.deviceId !== message.deviceId) return;
      if (message.state !== 'open') this.#talk = null;
      talk.onState(message);
    } else if (message.type === 'watching') {
      this.#bind(message);
    }
    // `skipped` needs nothing: the hole in the sequence numbers tells every tile of the stream.
  }

  #bind({ tile, handle, deviceId, stream, why }: Extract<LiveMessage, { type: 'watching' }>): void {
    const watched = this.#tiles.get(tile);
    // An answer to an order that was changed meanwhile.
    if (watched === undefined || !watched.admitted || watched.order.deviceId !== deviceId) return;
    watched.sink.onChoice({ stream, why });
    if (watched.handle === handle) return;
    this.#release(tile, watched);
    watched.handle = handle;
    watched.sink.onRestart();
    let entry = this.#byHandle.get(handle);
    if (entry === undefined) {
      entry = { tiles: new Set(), cache: new GopCache() };
      this.#byHandle.set(handle, entry);
    }
    for (const message of entry.cache.replay()) deliver(watched, message);
    entry.tiles.add(tile);
  }
}

function deliver({ order, sink }: Watched, message: MediaMessage): void {
  if (message.type === 'audio' || message.type === 'audio-init') {
    if (order.audio) sink.onAudio?.(message);
  } else if (message.type !== 'metadata') sink.onMedia(message);
}

/** Priorities rank the tiles of this browser among themselves; the hub hears whole numbers. */
function rankOf(priority: number): number {
  return Math.max(0, Math.min(9, Math.floor(priority)));
}

function watchMessage(tile: string, { order, priority }: Watched): ViewerMessage {
  return { type: 'watch', tile, ...order, priority: rankOf(priority) };
}

function sameOrder(a: TileOrder, b: TileOrder): boolean {
  return (
    a.deviceId === b.deviceId &&
    a.stream === b.stream &&
    a.width === b.width &&
    a.height === b.height &&
    a.audio === b.audio
  );
}
