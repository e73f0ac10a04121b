import { createServer, type Server, type Socket } from 'node:net';
import { type Clock, systemClock } from '../../platform/clock.ts';
import { listen } from '../listen.ts';
import type { DigestGate } from './digest-gate.ts';
import { RtspConnection, type ServedStream } from './rtsp-connection.ts';
import type { VirtualLoudspeaker } from './virtual-loudspeaker.ts';

const CONNECTIONS_MAX = 32;

/** What an {@link RtspServer} is made of. */
export interface RtspServerOptions {
  name: string;
  address: string;
  port: number;
  streams: readonly ServedStream[];
  gate: DigestGate;
  /** Where the sound of a back channel goes; without it there is none. */
  loudspeaker?: VirtualLoudspeaker | null;
  clock?: Clock;
}

/** RTSP server of one virtual camera. */
export class RtspServer {
  readonly #options: RtspServerOptions;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;

  constructor(options: RtspServerOptions) {
    this.#options = options;
  }

  /** Listens; rejects when the address is taken. */
  async start(): Promise<void> {
    const clock = this.#options.clock ?? systemClock;
    const startedAtMs = clock.monotonicMs();
    const server = createServer((socket) => {
      if (this.#sockets.size >= CONNECTIONS_MAX) return void socket.destroy();
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      const { loudspeaker = null } = this.#options;
      new RtspConnection(socket, { ...this.#options, loudspeaker, clock, startedAtMs }).start();
    });
    this.#server = server;
    await listen(server, this.#options.port, this.#options.address);
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}
