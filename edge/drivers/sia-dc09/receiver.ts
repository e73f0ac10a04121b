import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import type { DeviceReason } from '../../../contract/device.ts';
import { messageOf } from '../../../contract/errors.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Log } from '../../../platform/log.ts';
import { listenError } from '../../../platform/net/listen.ts';
import { type StreamPeer, StreamServer, type StreamTaker } from '../../../platform/net/stream-server.ts';
import { FrameReader } from '../../../protocols/sia-dc09/frame-reader.ts';
import { LineSupervision } from '../../supervision/line-supervision.ts';
import { type AlarmAccount, accountKey } from './account.ts';
import { Exchange, type Refusal } from './exchange.ts';

/** How an alarm box stands. */
export interface AlarmBoxStatus {
  online: boolean;
  reason: DeviceReason;
  /** The panel's clock minus ours; null when it sends no time. */
  clockOffsetMs: number | null;
}

/** What a {@link Dc09Receiver} needs. */
export interface Dc09ReceiverOptions {
  host: string;
  /** For TCP and UDP; 0 takes any free one. */
  port: number;
  clock: Clock;
  log: Log;
  onStatus?(deviceId: string, status: AlarmBoxStatus): void;
  onRefused?(refusal: Refusal): void;
  limits?: Partial<Dc09Limits>;
}

/** Bounds of the receiver. */
export interface Dc09Limits {
  connections: number;
  /** A connection that brings no frame for so long is ended. */
  idleMs: number;
  /** Datagrams in work at the same moment; more are dropped, panels repeat them. */
  datagrams: number;
}

const DEFAULT_LIMITS: Dc09Limits = { connections: 200, idleMs: 600_000, datagrams: 64 };

/**
 * Receiver for alarm boxes that speak SIA DC-09 over TCP or UDP, several messages per connection. An ACK leaves only
 * after the events are committed.
 */
export class Dc09Receiver {
  readonly #options: Dc09ReceiverOptions;
  readonly #limits: Dc09Limits;
  readonly #accounts = new Map<string, AlarmAccount>();
  readonly #exchange: Exchange;
  readonly #supervision: LineSupervision;
  readonly #tcp: StreamServer;
  readonly #counters: Record<string, number> = { frames: 0, answered: 0, overlong: 0, droppedDatagrams: 0 };
  #datagrams = 0;
  #udp: UdpSocket | null = null;

  constructor(options: Dc09ReceiverOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#exchange = new Exchange({
      account: (key) => this.#accounts.get(key),
      onHeard: (account, clockOffsetMs) => this.#heard(account, clockOffsetMs),
      onRefused: (refusal) => this.#refused(refusal),
      clock: options.clock,
      log: options.log,
    });
    const { host, port, log } = options;
    const what = 'the receiver for alarm boxes';
    const onPeer = (peer: StreamPeer): StreamTaker => this.#serve(peer);
    this.#tcp = new StreamServer({ host, port, what, log, clock: options.clock, limits: this.#limits, onPeer });
    this.#supervision = new LineSupervision({
      clock: options.clock,
      tell: (deviceId, lost) => this.#tellSupervision(deviceId, lost),
    });
  }

  /** The port that was taken; 0 before `start()`. */
  get port(): number {
    return this.#tcp.port;
  }

  /** Listens on TCP and UDP; rejects with PORT_TAKEN. */
  async start(): Promise<void> {
    await this.#tcp.start();
    this.#udp = await this.#bindUdp(this.#options.host, this.port).catch(async (error: unknown) => {
      await this.stop();
      throw error;
    });
    this.#supervision.start();
  }

  /** Ends all connections and stops listening. */
  async stop(): Promise<void> {
    this.#supervision.stop();
    const udp = this.#udp;
    this.#udp = null;
    udp?.close();
    await this.#tcp.stop();
  }

  /** Lets an alarm box report here; replaces what was known under its account. */
  add(account: AlarmAccount): void {
    this.#accounts.set(accountKey(account.account), account);
    if (account.supervisionMs === null) this.#supervision.unwatch(account.deviceId);
    else this.#supervision.watch(account.deviceId, account.supervisionMs);
    this.#options.onStatus?.(account.deviceId, { online: false, reason: 'never-seen', clockOffsetMs: null });
  }

  /** Takes an alarm box out of service. */
  remove(deviceId: string): void {
    for (const [key, account] of this.#accounts) {
      if (account.deviceId !== deviceId) continue;
      this.#accounts.delete(key);
      this.#exchange.forget(key);
    }
    this.#supervision.unwatch(deviceId);
  }

  /** Since start, refusals by reason among them; `connections` is the present number. */
  counters(): Record<string, number> {
    return { ...this.#counters, connections: this.#tcp.connections };
  }

  #bindUdp(host: string, port: number): Promise<UdpSocket> {
    const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    return new Promise((resolve, reject) => {
      const onError = (error: NodeJS.ErrnoException): void =>
        reject(listenError(error, { host, port }, 'the receiver for alarm boxes over UDP'));
      udp.once('error', onError);
      udp.bind(port, host, () => {
        udp.off('error', onError);
        udp.on('error', (error) => this.#options.log.warn({ err: error }, 'the UDP receiver failed'));
        udp.on('message', (datagram, from) => void this.#datagram(udp, datagram, from));
        resolve(udp);
      });
    });
  }

  #serve(peer: StreamPeer): StreamTaker {
    const reader = new FrameReader();
    return {
      take: async (chunk) => {
        for (const item of reader.push(chunk)) {
          if (item.kind === 'overlong') this.#counters['overlong'] = (this.#counters['overlong'] ?? 0) + 1;
          const answer = item.kind === 'frame' ? await this.#answer(item.bytes, peer.from) : null;
          if (answer !== null) peer.send(answer);
        }
      },
    };
  }

  async #datagram(udp: UdpSocket, datagram: Buffer, from: RemoteInfo): Promise<void> {
    if (this.#datagrams >= this.#limits.datagrams) {
      this.#counters['droppedDatagrams'] = (this.#counters['droppedDatagrams'] ?? 0) + 1;
      return;
    }
    if (from.port === 0) {
      // Nobody listens there, and sending to it throws: such a sender is made up.
      this.#counters['unanswerable'] = (this.#counters['unanswerable'] ?? 0) + 1;
      return;
    }
    this.#datagrams += 1;
    try {
      // A datagram may hold several frames, and the last may lack its CR.
      const items = new FrameReader().push(Buffer.concat([datagram, Buffer.from('\r')]));
      for (const item of items) {
        const answer = item.kind === 'frame' ? await this.#answer(item.bytes, from.address) : null;
        if (answer !== null && this.#udp === udp) udp.send(answer, from.port, from.address);
      }
    } catch (error) {
      this.#options.log.warn({ from: from.address, reason: messageOf(error) }, 'a datagram could not be answered');
    } finally {
      this.#datagrams -= 1;
    }
  }

  async #answer(bytes: Uint8Array, from: string): Promise<Uint8Array | null> {
    this.#counters['frames'] = (this.#counters['frames'] ?? 0) + 1;
    const answer = await this.#exchange.answer(bytes, from);
    if (answer !== null) this.#counters['answered'] = (this.#counters['answered'] ?? 0) + 1;
    return answer;
  }

  #heard(account: AlarmAccount, clockOffsetMs: number | null): void {
    this.#supervision.heard(account.deviceId);
    this.#options.onStatus?.(account.deviceId, { online: true, reason: 'ok', clockOffsetMs });
  }

  #refused(refusal: Refusal): void {
    this.#counters[refusal.reason] = (this.#counters[refusal.reason] ?? 0) + 1;
    this.#options.log.warn({ account: refusal.account, reason: refusal.reason }, refusal.message);
    this.#options.onRefused?.(refusal);
  }

  async #tellSupervision(deviceId: string, lost: boolean): Promise<void> {
    const account = [...this.#accounts.values()].find((known) => known.deviceId === deviceId);
    if (account === undefined) return;
    try {
      await account.reporter.state('supervision.lost', lost, { account: account.account });
    } catch (error) {
      this.#options.log.error({ deviceId, reason: messageOf(error) }, 'the loss of a line was not stored');
      throw error;
    }
    const reason = lost ? 'supervision-lost' : 'ok';
    this.#options.onStatus?.(deviceId, { online: !lost, reason, clockOffsetMs: null });
  }
}
