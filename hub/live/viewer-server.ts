import { randomInt } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { GatheredWrites } from '../../platform/net/gathered-writes.ts';
import { closeServer, listen } from '../../platform/net/listen.ts';
import { isOwnOrigin } from '../access/origin.ts';
import { type Admission, REQUEST_START_MAX } from './protocol.ts';
import type { ViewerSocket } from './viewer.ts';

/** One viewer's connection. */
export interface ViewerConnection extends ViewerSocket {
  readonly viewerId: number;
}

/** What the {@link ViewerServer} needs. */
export interface ViewerServerOptions {
  host: string;
  port: number;
  tls: { cert: string; key: string } | null;
  limits: { viewers: number };
  clock: Clock;
  log: Log;
  /** Whether the cookies are those of a signed-in person who may see live pictures. */
  admit(knock: { viewerId: number; cookie: string; address: string }): Promise<Admission>;
  onViewer(connection: ViewerConnection): void;
  onMessage(connection: ViewerConnection, text: string): void;
  /** A binary; false when the viewer has no right to send one, which ends its connection. */
  onSound(connection: ViewerConnection, sound: Uint8Array): boolean;
  onGone(viewerId: number): void;
}

const PATH = '/live';
/** Texts of a viewer are small orders. */
const TEXT_MAX_BYTES = 4096;
const PING_EVERY_MS = 10_000;
/** Pings without an answer after which a viewer counts as gone. */
const PINGS_MISSED = 3;
/** Orders of one viewer per second; a wall of 36 tiles opens at once. */
const TEXTS_PER_SECOND = 200;
const HEADERS_TIMEOUT_MS = 10_000;

interface Connection extends ViewerConnection {
  missedPings: number;
  textsInSecond: number;
}

/** The viewers' WebSocket: who may connect, how much may be said, and who is still there. */
export class ViewerServer {
  readonly #options: ViewerServerOptions;
  readonly #connections = new Map<Connection, WebSocket>();
  readonly #counters = { admitted: 0, refused: 0, floods: 0 };
  #sockets: WebSocketServer | null = null;
  #server: Server | null = null;
  #timers: TimerHandle[] = [];
  #lastViewerId = randomInt(REQUEST_START_MAX);
  #admitting = 0;

  constructor(options: ViewerServerOptions) {
    this.#options = options;
  }

  /** Listens and gives the port; rejects with PORT_TAKEN. */
  async start(): Promise<number> {
    const { host, port, tls, clock, log, limits } = this.#options;
    const common = { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: HEADERS_TIMEOUT_MS };
    const server = tls === null ? createServer(common) : createTlsServer({ ...common, ...tls, minVersion: 'TLSv1.2' });
    server.maxConnections = limits.viewers + 100;
    server.on('request', (_request, response) => response.writeHead(404).end());
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server = server;
    // No compression: pictures are compressed already, and each viewer would cost a copy and a state of its own.
    this.#sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: TEXT_MAX_BYTES });
    this.#timers = [
      clock.every(PING_EVERY_MS, () => this.#ping()),
      clock.every(1000, () => {
        for (const connection of this.#connections.keys()) connection.textsInSecond = 0;
      }),
    ];
    const taken = await listen(server, { host, port }, 'the live pictures');
    server.on('error', (error) => log.warn({ err: error }, 'the viewers cannot connect'));
    return taken;
  }

  /** Ends every connection and stops listening. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    for (const socket of this.#connections.values()) socket.terminate();
    this.#sockets?.close();
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    server.closeAllConnections();
    await closeServer(server);
  }

  get viewers(): number {
    return this.#connections.size;
  }

  counters(): Record<string, number> {
    return { ...this.#counters, viewers: this.#connections.size };
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const { origin, host, cookie } = request.headers;
    const fetchSite = request.headers['sec-fetch-site'];
    const site = { fetchSite: typeof fetchSite === 'string' ? fetchSite : undefined, otherPort: true };
    const path = request.url?.split('?')[0];
    if (path !== PATH) return this.#refuse(socket, '404 Not Found');
    if (!isOwnOrigin(origin, host, site)) return this.#refuse(socket, '403 Forbidden');
    const isFull = this.#connections.size + this.#admitting >= this.#options.limits.viewers;
    if (isFull) return this.#refuse(socket, '503 Service Unavailable');
    this.#admitting++;
    const viewerId = ++this.#lastViewerId;
    this.#options
      .admit({ viewerId, cookie: cookie ?? '', address: request.socket.remoteAddress ?? '' })
      .then(
        (admission) => {
          if (admission === 'not-signed-in') return this.#refuse(socket, '401 Unauthorized');
          if (admission === 'too-many') return this.#refuse(socket, '429 Too Many Requests');
          // Whoever was admitted is reported gone exactly once, also when the handshake came to nothing.
          if (socket.destroyed) return this.#options.onGone(viewerId);
          socket.once('close', () => this.#options.onGone(viewerId));
          this.#sockets?.handleUpgrade(request, socket, head, (websocket) => this.#begin(viewerId, websocket, socket));
        },
        () => this.#refuse(socket, '503 Service Unavailable'),
      )
      .finally(() => this.#admitting--);
  }

  #refuse(socket: Duplex, status: string): void {
    this.#counters.refused++;
    // Node keeps the half that the other side leaves open, and nothing else would ever end it.
    socket.once('finish', () => socket.destroy());
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  }

  #begin(viewerId: number, socket: WebSocket, stream: Duplex): void {
    this.#counters.admitted++;
    const writes = new GatheredWrites(stream, this.#options.clock);
    const connection: Connection = {
      viewerId,
      missedPings: 0,
      textsInSecond: 0,
      get bufferedAmount() {
        return socket.bufferedAmount;
      },
      // Errors end the connection, and its end is heard below.
      send: (data) => {
        writes.gather();
        socket.send(data, () => undefined);
      },
      terminate: () => socket.terminate(),
    };
    this.#connections.set(connection, socket);
    this.#options.onViewer(connection);
    socket.on('pong', () => {
      connection.missedPings = 0;
    });
    socket.on('message', (data, isBinary) => {
      const isFlood = ++connection.textsInSecond > TEXTS_PER_SECOND;
      if (socket.readyState !== WebSocket.OPEN) {
        // It was told to go. What was on its way is forgiven, but whoever goes on does not get the time to say goodbye.
        if (isFlood) socket.terminate();
        return;
      }
      if (!isFlood) {
        if (!isBinary) return this.#options.onMessage(connection, String(data));
        if (Buffer.isBuffer(data) && this.#options.onSound(connection, data)) return;
      }
      this.#counters.floods++;
      connection.textsInSecond = 0;
      socket.close(1008);
    });
    socket.on('error', (error) => this.#options.log.debug({ err: error, viewerId }, 'a viewer was lost'));
    socket.on('close', () => this.#connections.delete(connection));
  }

  #ping(): void {
    for (const [connection, socket] of this.#connections) {
      if (connection.missedPings >= PINGS_MISSED) socket.terminate();
      else {
        connection.missedPings++;
        socket.ping(() => undefined);
      }
    }
  }
}
