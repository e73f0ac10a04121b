import type { LiveMessage, ViewerMessage } from '../../contract/live.ts';
import { LiveSocket } from './live-socket.ts';

/** Tiles of one viewer; the hub allows 36. */
const TILES_PER_VIEWER = 20;
const FRAGMENT = 2;

/** Where an {@link Audience} looks, and what. */
export interface AudienceOrder {
  livePort: number;
  cookie: string;
  origin: string;
  deviceIds: readonly string[];
}

/** What an {@link Audience} has seen since its start. */
export interface AudienceCounts {
  /** Tiles that got at least one fragment. */
  live: number;
  fragments: number;
  bytes: number;
  /** Fragments that are missing in the rows of numbers, whoever lost them. */
  holes: number;
  closed: number;
  /** What tiles were told last, other than `live`. */
  reasons: Record<string, number>;
  /** Time of the newest fragment of the tile that waits for one longest, in milliseconds ago. */
  oldestMs: number;
  /** The same of the tile that got one last. */
  freshestMs: number;
}

interface Watched {
  index: number;
  next: number;
  lastAtMs: number;
}

/** Viewers without a picture: they watch streams over the hub's WebSocket and count. */
export class Audience {
  readonly #order: AudienceOrder;
  readonly #onFragment: (index: number, head: Buffer) => void;
  readonly #byHandle = new Map<number, Watched>();
  readonly #reasons = new Map<string, string>();
  readonly #sockets: LiveSocket[] = [];
  #fragments = 0;
  #bytes = 0;
  #holes = 0;
  #closed = 0;

  /** @param onFragment told of each fragment: index of the device and the message's beginning */
  constructor(order: AudienceOrder, onFragment: (index: number, head: Buffer) => void = () => undefined) {
    this.#order = order;
    this.#onFragment = onFragment;
  }

  start(): void {
    const { deviceIds } = this.#order;
    for (let from = 0; from < deviceIds.length; from += TILES_PER_VIEWER) this.#open(from);
  }

  stop(): void {
    for (const socket of this.#sockets) socket.close();
  }

  counts(): AudienceCounts {
    const now = performance.now();
    const reasons: Record<string, number> = {};
    for (const reason of this.#reasons.values()) if (reason !== 'live') reasons[reason] = (reasons[reason] ?? 0) + 1;
    let live = 0;
    let oldestMs = 0;
    let freshestMs = Number.MAX_VALUE;
    for (const { lastAtMs } of this.#byHandle.values()) {
      if (lastAtMs > 0) live += 1;
      oldestMs = Math.max(oldestMs, now - lastAtMs);
      freshestMs = Math.min(freshestMs, now - lastAtMs);
    }
    const [fragments, bytes, holes, closed] = [this.#fragments, this.#bytes, this.#holes, this.#closed];
    return { live, fragments, bytes, holes, closed, reasons, oldestMs, freshestMs };
  }

  /** Forgets what was counted, but not what is watched. */
  reset(): void {
    this.#holes = 0;
  }

  #open(from: number): void {
    const { livePort, cookie, origin, deviceIds } = this.#order;
    const socket: LiveSocket = new LiveSocket(
      livePort,
      { cookie, origin },
      {
        onOpen: () => {
          const say = (message: ViewerMessage): void => socket.send(message);
          say({ type: 'hello', codecs: ['h264'] });
          const size = { width: 0, height: 0, priority: 0, audio: false };
          for (const [offset, deviceId] of deviceIds.slice(from, from + TILES_PER_VIEWER).entries()) {
            say({ type: 'watch', tile: String(from + offset), deviceId, stream: 'main', ...size });
          }
        },
        onText: (text) => this.#hear(JSON.parse(text) as LiveMessage),
        onBinary: (head, length) => this.#take(head, length),
        onClosed: () => {
          this.#closed += 1;
        },
      },
    );
    this.#sockets.push(socket);
  }

  #hear(message: LiveMessage): void {
    if (message.type === 'watching') {
      this.#byHandle.set(message.handle, { index: Number(message.tile), next: -1, lastAtMs: 0 });
    } else if (message.type === 'tile') this.#reasons.set(message.tile, message.reason);
  }

  #take(head: Buffer, length: number): void {
    this.#bytes += length;
    if (head[2] !== FRAGMENT) return;
    const watched = this.#byHandle.get(head.readUInt32BE(4));
    if (watched === undefined) return;
    const sequence = head.readUInt32BE(12);
    if (watched.next >= 0 && sequence !== watched.next) this.#holes += 1;
    watched.next = (sequence + 1) >>> 0;
    watched.lastAtMs = performance.now();
    this.#fragments += 1;
    this.#onFragment(watched.index, head);
  }
}
