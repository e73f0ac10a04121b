import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { LiveMessage, TileReason, WatchOrder } from '../../contract/live.ts';
import { type MediaMessage, parseMediaMessage } from '../../contract/media-frame.ts';
import { waitFor } from './wait.ts';

/** A viewer's WebSocket as a browser would open it. */
export class TestViewer {
  readonly messages: LiveMessage[] = [];
  readonly media: MediaMessage[] = [];
  /** Told of each message with pictures as it arrives. */
  onMedia: (message: MediaMessage) => void = () => undefined;
  readonly #socket: WebSocket;
  #raw: Socket | null = null;
  isClosed = false;
  status: number | null = null;

  constructor(livePort: number, headers: Record<string, string>) {
    this.#socket = new WebSocket(`ws://127.0.0.1:${livePort}/live`, { headers, perMessageDeflate: false });
    this.#socket.on('upgrade', ({ socket }) => {
      this.#raw = socket;
    });
    this.#socket.on('unexpected-response', (_request, response) => {
      this.status = response.statusCode ?? 0;
      this.#socket.terminate();
    });
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.isClosed = true;
    });
    this.#socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) this.messages.push(JSON.parse(String(data)) as LiveMessage);
      else {
        const message = parseMediaMessage(data);
        if (message === null) return;
        this.media.push(message);
        this.onMedia(message);
      }
    });
  }

  async opened(): Promise<this> {
    await waitFor('the viewer to be connected', () => this.#socket.readyState === WebSocket.OPEN);
    return this;
  }

  watch(
    tile: string,
    deviceId: string,
    stream: 'auto' | 'main' | 'sub' = 'main',
    more: Partial<WatchOrder> = {},
  ): void {
    const order: WatchOrder = { tile, deviceId, stream, width: 0, height: 0, priority: 0, audio: false, ...more };
    this.#socket.send(JSON.stringify({ type: 'watch', ...order }));
  }

  unwatch(tile: string): void {
    this.#socket.send(JSON.stringify({ type: 'unwatch', tile }));
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  /** Takes nothing from the network any more. */
  stall(): void {
    this.#raw?.pause();
  }

  resume(): void {
    this.#raw?.resume();
  }

  close(): void {
    this.#socket.terminate();
  }

  /** What a tile was told last. */
  reason(tile: string): TileReason | undefined {
    const told = this.messages.filter((message) => message.type === 'tile' && message.tile === tile).at(-1);
    return told?.type === 'tile' ? told.reason : undefined;
  }

  /** Sequence numbers of the fragments that arrived, without those of the replayed beginning when `from` is given. */
  sequences(from = 0): number[] {
    return this.media.flatMap(({ type, sequence }) => (type === 'fragment' && sequence >= from ? [sequence] : []));
  }

  /** Fragments that were skipped, as the hub told. */
  get skipped(): number {
    return this.messages.reduce((sum, message) => sum + (message.type === 'skipped' ? message.fragments : 0), 0);
  }
}
