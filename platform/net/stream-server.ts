import { createServer, type Server, type Socket } from 'node:net';
import { messageOf } from '../../contract/errors.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { ReportLimit } from '../report-limit.ts';
import { closeServer, listen } from './listen.ts';

/** One device's connection, as the protocol behind the server sees it. */
export interface StreamPeer {
  /** Address it comes from. */
  readonly from: string;
  /** False once it is over: what still waits of it is in vain. */
  readonly isOpen: boolean;
  /** Sends bytes; nothing where it does not take them any more. */
  send(bytes: Uint8Array): void;
  /** Ends the connection. */
  end(): void;
}

/** What takes one connection's bytes. */
export interface StreamTaker {
  /** The next bytes; no more are read before it resolves. What it throws ends the connection. */
  take(chunk: Uint8Array): Promise<void>;
  /** Once, when the connection is over. */
  ended?(): void;
}

/** What a {@link StreamServer} needs. */
export interface StreamServerOptions {
  host: string;
  /** 0 takes any free one. */
  port: number;
  /** Names the service in errors and in the log, e.g. `the receiver for alarm boxes`. */
  what: string;
  log: Log;
  clock: Clock;
  limits: StreamServerLimits;
  onPeer(peer: StreamPeer): StreamTaker;
}

/** Bounds of a {@link StreamServer}. */
export interface StreamServerLimits {
  connections: number;
  /** Of one address; as many as there are in all where nothing is said. */
  connectionsPerAddress?: number;
  /** A connection that brings nothing for so long is ended. */
  idleMs: number;
}

/** Bytes that may wait for a peer that does not read its answers. */
const UNREAD_MAX = 65_536;
/** A device that lost its power says nothing: asked after so long, its place is free some minutes later. */
const KEEP_ALIVE_MS = 60_000;

/** A TCP server for devices that call: each connection is answered in its order, and read no faster than it is answered. */
export class StreamServer {
  readonly #options: StreamServerOptions;
  readonly #sockets = new Set<Socket>();
  readonly #perAddress = new Map<string, number>();
  readonly #refusals: ReportLimit;
  #server: Server | null = null;
  #port = 0;

  constructor(options: StreamServerOptions) {
    this.#options = options;
    this.#refusals = new ReportLimit(options.clock);
  }

  /** The port that was taken; 0 before `start()`. */
  get port(): number {
    return this.#port;
  }

  /** Open connections. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Listens. @throws SharpEyesError PORT_TAKEN, CONFIG_INVALID */
  async start(): Promise<void> {
    const { host, port, what, log, limits } = this.#options;
    const server = createServer((socket) => void this.#serve(socket));
    server.maxConnections = limits.connections;
    server.on('drop', (dropped) => this.#full(dropped?.remoteAddress ?? 'unknown'));
    this.#server = server;
    this.#port = await listen(server, { host, port }, what);
    server.on('error', (error) => log.warn({ err: error }, `${what} cannot accept connections`));
  }

  /** Ends all connections and stops listening. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    const closed = server === null ? null : closeServer(server);
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** False, and the connection is ended, where its address has all that it may have. */
  #admit(socket: Socket, from: string): boolean {
    const { connections, connectionsPerAddress = connections } = this.#options.limits;
    const own = this.#perAddress.get(from) ?? 0;
    if (own >= connectionsPerAddress) {
      socket.destroy();
      this.#full(from);
      return false;
    }
    this.#sockets.add(socket);
    this.#perAddress.set(from, own + 1);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      const left = (this.#perAddress.get(from) ?? 1) - 1;
      if (left > 0) this.#perAddress.set(from, left);
      else this.#perAddress.delete(from);
    });
    return true;
  }

  #full(from: string): void {
    const suppressedBefore = this.#refusals.pass(from);
    if (suppressedBefore === null) return;
    const { log, what } = this.#options;
    log.warn({ from, suppressedBefore }, `${what} has no place for another connection`);
  }

  async #serve(socket: Socket): Promise<void> {
    const { limits, log, what, onPeer } = this.#options;
    const from = socket.remoteAddress ?? 'unknown';
    if (!this.#admit(socket, from)) return;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setTimeout(limits.idleMs, () => socket.destroy());
    const taker = onPeer({
      from,
      get isOpen() {
        return !socket.destroyed;
      },
      send: (bytes) => {
        if (!socket.writable) return;
        if (socket.writableLength > UNREAD_MAX) socket.destroy();
        else socket.write(bytes);
      },
      end: () => socket.destroy(),
    });
    try {
      for await (const chunk of socket as AsyncIterable<Buffer>) await taker.take(chunk);
    } catch (error) {
      log.debug({ from, reason: messageOf(error) }, `a connection to ${what} broke`);
    } finally {
      taker.ended?.();
      if (!socket.destroyed) socket.end();
    }
  }
}
