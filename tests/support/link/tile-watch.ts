import { WebSocket } from 'ws';
import type { LiveMessage, TileReason, WatchOrder } from '../../../contract/live.ts';
import { type InitDescription, parseMediaMessage, type SentStream } from '../../../contract/media-frame.ts';

/** What a tile showed in a while. */
export interface TileFacts {
  /** Pictures per second. */
  fps: number;
  kbps: number;
  longestFreezeMs: number;
  /** Age of the pictures when they arrived, by one clock for both ends. */
  ageMs: { p50: number; p99: number };
  /** What is sent at the end; null where it is what was asked for. */
  sent: SentStream | null;
  width: number;
  /** What the tile was told last. */
  reason: TileReason | null;
  /** Whether less was sent at any time because of the line. */
  reduced: boolean;
  /** What was sent from when on, in seconds since the count began. */
  changes: { atS: number; sent: SentStream | null }[];
}

interface Tile {
  handle: number;
  reason: TileReason | null;
  sent: SentStream | null;
  /** What was sent when the count began. */
  began: SentStream | null;
  width: number;
  changes: TileFacts['changes'];
  pictures: { atMs: number; ageMs: number; bytes: number }[];
}

/** A viewer without a screen that keeps account of its tiles. */
export class TileWatch {
  readonly #socket: WebSocket;
  readonly #tiles = new Map<string, Tile>();
  #sinceMs = Date.now();

  constructor(url: string, options: { ca: string; headers: Record<string, string> }) {
    this.#socket = new WebSocket(url, { ...options, perMessageDeflate: false });
    this.#socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.#media(data);
      else this.#told(JSON.parse(String(data)) as LiveMessage);
    });
  }

  opened(): Promise<void> {
    return new Promise((resolve, reject) => this.#socket.once('open', resolve).once('error', reject));
  }

  watch(tile: string, deviceId: string, stream: 'main' | 'sub', priority = 0): void {
    const empty = { handle: 0, reason: null, sent: null, began: null, width: 0, changes: [], pictures: [] };
    this.#tiles.set(tile, empty);
    const order: WatchOrder = { tile, deviceId, stream, width: 640, height: 360, priority, audio: false };
    this.#socket.send(JSON.stringify({ type: 'watch', ...order }));
  }

  unwatch(tile: string): void {
    this.#tiles.delete(tile);
    this.#socket.send(JSON.stringify({ type: 'unwatch', tile }));
  }

  /** Counts anew from now on. */
  begin(): void {
    this.#sinceMs = Date.now();
    for (const tile of this.#tiles.values()) {
      tile.pictures = [];
      tile.changes = [];
      tile.began = tile.sent;
    }
  }

  /** Since {@link begin}. */
  facts(): Record<string, TileFacts> {
    const nowMs = Date.now();
    const seconds = (nowMs - this.#sinceMs) / 1000;
    const all = [...this.#tiles].map(([name, { pictures, sent, began, width, reason, changes }]) => {
      const times = [...pictures.map(({ atMs }) => atMs), nowMs];
      const ages = pictures.map(({ ageMs }) => ageMs).sort((a, b) => a - b);
      const at = (share: number): number => Math.round(ages[Math.floor((ages.length - 1) * share)] ?? Number.NaN);
      const bits = pictures.reduce((sum, { bytes }) => sum + bytes * 8, 0);
      const freeze = times.reduce((most, atMs, i) => Math.max(most, atMs - (times[i - 1] ?? this.#sinceMs)), 0);
      const facts: TileFacts = {
        ...{ fps: Math.round((pictures.length / seconds) * 10) / 10, kbps: Math.round(bits / seconds / 1000) },
        ...{ longestFreezeMs: Math.round(freeze), ageMs: { p50: at(0.5), p99: at(0.99) } },
        ...{ sent, width, reason, changes, reduced: [sent, began, ...changes.map((one) => one.sent)].some(isByLine) },
      };
      return [name, facts] as const;
    });
    return Object.fromEntries(all);
  }

  close(): void {
    this.#socket.terminate();
  }

  #told(message: LiveMessage): void {
    if (message.type !== 'watching' && message.type !== 'tile') return;
    const tile = this.#tiles.get(message.tile);
    if (tile === undefined) return;
    if (message.type === 'watching') tile.handle = message.handle;
    else tile.reason = message.reason;
  }

  #media(data: Buffer): void {
    const message = parseMediaMessage(data);
    if (message === null) return;
    const nowMs = Date.now();
    for (const tile of this.#tiles.values()) {
      if (tile.handle !== message.handle) continue;
      if (message.type === 'init') {
        const { sent = null, width } = JSON.parse(message.description) as InitDescription;
        const atS = Math.round((nowMs - this.#sinceMs) / 100) / 10;
        if (JSON.stringify(sent) !== JSON.stringify(tile.sent)) tile.changes.push({ atS, sent });
        tile.sent = sent;
        tile.width = width;
      } else if (message.type === 'fragment') {
        tile.pictures.push({ atMs: nowMs, ageMs: nowMs - message.edgeAtMs, bytes: data.length });
      }
    }
  }
}

function isByLine(sent: SentStream | null): boolean {
  return sent?.why === 'line';
}
