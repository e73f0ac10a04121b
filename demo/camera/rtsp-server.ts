import { createServer, type Server, type Socket } from 'node:net';
import { type Clock, systemClock } from '../../platform/clock.ts';
import { listen } from '../listen.ts';
import type { DigestGate } from './digest-gate.ts';
import { RtspConnection, type ServedStream } from './rtsp-connection.ts';

const CONNECTIONS_MAX = 32;

/** RTSP server of one virtual camera. */
export class RtspServer {
  readonly #options: {
    name: string;
    address: string;
    port: number;
    streams: readonly ServedStream[];
    gate: DigestGate;
    clock?: Clock;
  };
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;

  constructor(options: {
    name: string;
    address: string;
    port: number;
    streams: readonly ServedStream[];
    gate: DigestGate;
    clock?: Clock;
  }) {
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
      new RtspConnection(socket, { ...this.#options, clock, startedAtMs }).start();
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
