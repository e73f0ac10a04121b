import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Clock, TimerHandle } from '../clock.ts';
import type { Log } from '../log.ts';
import { closeServer, listen } from '../net/listen.ts';
import { ReportLimit } from '../report-limit.ts';
import { Connection, type EndCause } from './connection.ts';
import { DigestGate } from './digest-gate.ts';
import type { ReadRefusal, ReadRequest, RtspHost } from './host.ts';
import { DEFAULT_RTSP_SERVER_LIMITS, type RtspServerLimits } from './limits.ts';
import { networkOf, plainAddress } from './network.ts';
import { PublishedStreams } from './published-streams.ts';
import { SignInDelay } from './sign-in-delay.ts';
import { UdpPorts } from './udp-ports.ts';

/** What an {@link RtspServer} is built from. */
export interface RtspServerOptions {
  /** Session name in descriptions. */
  name: string;
  /** Part of what readers sign; the secrets are made for it. */
  realm: string;
  host: string;
  /** 0 takes any free one. */
  port: number;
  /** Even port of RTP over UDP, 0 for any; null: interleaved TCP only. */
  udpPort: number | null;
  /** PEM texts; null: `rtsp` instead of `rtsps`. */
  tls: { cert: string; key: string } | null;
  readers: RtspHost;
  clock: Clock;
  log: Log;
  limits?: Partial<RtspServerLimits>;
}

type Refusal = Omit<ReadRefusal, 'suppressedBefore'>;

const USER_MAX = 64;
const CHECK_EVERY_MS = 1000;
const HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * RTSP 1.0 server (RFC 2326) that re-publishes streams: VLC, ffmpeg, GStreamer and other systems read from it. Digest
 * always, Basic never; interleaved TCP always, UDP where it is on. No reader is ever waited for.
 */
export class RtspServer {
  readonly #options: RtspServerOptions;
  readonly #limits: RtspServerLimits;
  readonly #streams: PublishedStreams;
  readonly #delay: SignInDelay;
  readonly #refusals: ReportLimit;
  /** Every socket and where it comes from, from before the TLS handshake until its end. */
  readonly #sockets = new Map<Socket, { network: string; address: string; port: number | undefined }>();
  readonly #connections = new Map<number, { connection: Connection; address: string; port: number | undefined }>();
  readonly #readersOf = new Map<string, number>();
  readonly #cut: Record<EndCause, number> = { idle: 0, timeout: 0, stalled: 0, flood: 0, garbage: 0 };
  #server: Server | null = null;
  #udp: UdpPorts | null = null;
  #timer: TimerHandle | null = null;
  #lastReaderId = 0;
  #readers = 0;
  #refused = 0;

  constructor(options: RtspServerOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_RTSP_SERVER_LIMITS, ...options.limits };
    this.#delay = new SignInDelay(options.clock);
    this.#refusals = new ReportLimit(options.clock);
    this.#streams = new PublishedStreams({ limits: this.#limits, clock: options.clock, log: options.log });
  }

  /** Listens and gives the port. @throws SharpEyesError PORT_TAKEN, CONFIG_INVALID */
  async start(): Promise<number> {
    const { host, port, udpPort, clock, log } = this.#options;
    const server = this.#listener();
    server.maxConnections = this.#limits.connections;
    const taken = await listen(server, { host, port }, 'RTSP for other programs');
    this.#server = server;
    server.on('error', (error) => log.warn({ err: error }, 'readers cannot connect'));
    if (udpPort !== null) {
      this.#udp = new UdpPorts({ host, port: udpPort, onRtcp: (address, from) => this.#onRtcp(address, from) });
      try {
        await this.#udp.start();
      } catch (error) {
        await this.stop();
        throw error;
      }
    }
    this.#timer = clock.every(CHECK_EVERY_MS, () => {
      for (const { connection } of this.#connections.values()) connection.check(clock.monotonicMs());
    });
    return taken;
  }

  /** Ends every session and stops listening. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    const closed = this.#server === null ? null : closeServer(this.#server);
    this.#server = null;
    const open = [...this.#connections.values()];
    for (const [socket, { address, port }] of this.#sockets) {
      if (!open.some((known) => known.address === address && known.port === port)) socket.destroy();
    }
    for (const { connection } of open) connection.finish();
    await this.#udp?.stop();
    this.#udp = null;
    await closed;
  }

  /** Port of RTP over UDP; 0 when it is off. */
  get udpPort(): number {
    return this.#udp?.port ?? 0;
  }

  /** Everybody who opened a stream. */
  get reading(): ReadRequest[] {
    return [...this.#connections.values()].flatMap(({ connection }) => connection.dialogue.request ?? []);
  }

  /** Ends a reader, because it lost the right to look. */
  end(readerId: number): void {
    this.#connections.get(readerId)?.connection.drop();
  }

  counters(): Record<string, number> {
    const cut = Object.entries(this.#cut).map(([cause, count]) => [`cut.${cause}`, count]);
    return {
      connections: this.#sockets.size,
      readers: this.#readers,
      streams: this.#streams.size,
      refused: this.#refused,
      failedSignIns: this.#delay.failed,
      ...Object.fromEntries(cut),
    };
  }

  #listener(): Server {
    const { tls } = this.#options;
    if (tls === null) {
      return createServer((socket) => {
        if (this.#count(socket)) this.#accept(socket);
      });
    }
    const options = { ...tls, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_TIMEOUT_MS } as const;
    const server = createTlsServer(options, (socket) => this.#accept(socket));
    // Before the handshake: one that is never finished takes a place too.
    server.on('connection', (socket: Socket) => this.#count(socket));
    return server;
  }

  /** Whether there is room for one more from its address. */
  #count(socket: Socket): boolean {
    // A socket without this handler would end the program with its first error.
    socket.on('error', () => socket.destroy());
    const { remotePort: port } = socket;
    const address = plainAddress(socket.remoteAddress ?? '');
    const network = networkOf(address);
    const fromThere = [...this.#sockets.values()].filter((known) => known.network === network).length;
    if (address === '' || fromThere >= this.#limits.connectionsPerAddress) {
      this.#refused += 1;
      socket.destroy();
      return false;
    }
    this.#sockets.set(socket, { network, address, port });
    socket.once('close', () => this.#sockets.delete(socket));
    return true;
  }

  #accept(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    const { remotePort: port } = socket;
    const address = plainAddress(socket.remoteAddress ?? '');
    if (address === '') return void socket.destroy();
    this.#lastReaderId += 1;
    const readerId = this.#lastReaderId;
    const connection = this.#connectionOf(socket, readerId, address);
    this.#connections.set(readerId, { connection, address, port });
    connection.start(() => this.#connections.delete(readerId));
  }

  #connectionOf(socket: Socket, readerId: number, address: string): Connection {
    const { name, realm, readers: host, clock } = this.#options;
    const limits = this.#limits;
    const log = this.#options.log.child({ reader: readerId });
    const secretOf = (user: string): ReturnType<RtspHost['secretOf']> => host.secretOf(user);
    const dialogue = {
      ...{ readerId, name, address, clock, host, streams: this.#streams, udp: this.#udp },
      localAddress: plainAddress(socket.localAddress ?? '0.0.0.0'),
      gate: new DigestGate({ realm, address: networkOf(address), clock, delay: this.#delay, secretOf }),
      sessionTimeoutMs: limits.sessionTimeoutMs,
      maxBytes: limits.readerBufferBytes,
      admit: (user: string) => this.#admit(user),
      refused: (refusal: Refusal) => this.#refuse(refusal),
    };
    const onCut = (cause: EndCause): void => {
      this.#cut[cause] += 1;
    };
    return new Connection(socket, { limits, clock, log, dialogue, onCut });
  }

  #refuse(refusal: Refusal): void {
    const suppressedBefore = this.#refusals.pass(networkOf(refusal.address));
    if (suppressedBefore === null) return;
    this.#options.readers.onRefused?.({ ...refusal, user: refusal.user.slice(0, USER_MAX), suppressedBefore });
  }

  #admit(user: string): (() => void) | null {
    const own = this.#readersOf.get(user) ?? 0;
    if (own >= this.#limits.readersPerAccount || this.#readers >= this.#limits.readers) return null;
    this.#readersOf.set(user, own + 1);
    this.#readers += 1;
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      this.#readers -= 1;
      const left = (this.#readersOf.get(user) ?? 1) - 1;
      if (left === 0) this.#readersOf.delete(user);
      else this.#readersOf.set(user, left);
    };
  }

  #onRtcp(from: string, port: number): void {
    for (const { connection, address } of this.#connections.values()) {
      if (address === plainAddress(from) && connection.dialogue.session?.rtcpPorts.has(port) === true)
        connection.touch();
    }
  }
}
