import { messageOf } from '../../../contract/errors.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Log } from '../../../platform/log.ts';
import {
  type StreamPeer,
  StreamServer,
  type StreamServerLimits,
  type StreamTaker,
} from '../../../platform/net/stream-server.ts';
import { ReportLimit } from '../../../platform/report-limit.ts';
import { FrameReader } from '../../../protocols/hj212/frame-reader.ts';
import type { DriverStatus } from '../../devices/driver.ts';
import { LineSupervision } from '../../supervision/line-supervision.ts';
import { Hj212Exchange, type Hj212Refusal } from './exchange.ts';
import { type Station, stationKey } from './station.ts';

/** What an {@link Hj212Receiver} needs. */
export interface Hj212ReceiverOptions {
  host: string;
  /** 0 takes any free one. */
  port: number;
  clock: Clock;
  log: Log;
  onStatus?(deviceId: string, status: DriverStatus): void;
  onRefused?(refusal: Hj212Refusal): void;
  limits?: Partial<Hj212Limits>;
}

/** Bounds of the receiver. */
export interface Hj212Limits extends StreamServerLimits {
  /** Bytes in a row that are no frame before a connection is ended: it speaks something else. */
  garbageBytes: number;
}

const DEFAULT_LIMITS: Hj212Limits = { connections: 500, idleMs: 3_600_000, garbageBytes: 65_536 };

/**
 * Receiver for environmental monitoring stations that speak HJ 212 over TCP. An answer (9014) leaves only after what was
 * reported is committed.
 */
export class Hj212Receiver {
  readonly #options: Hj212ReceiverOptions;
  readonly #limits: Hj212Limits;
  readonly #server: StreamServer;
  readonly #exchange: Hj212Exchange;
  readonly #supervision: LineSupervision;
  readonly #warnings: ReportLimit;
  readonly #stations = new Map<string, Station>();
  readonly #counters: Record<string, number> = { frames: 0, answered: 0, garbageBytes: 0 };

  constructor(options: Hj212ReceiverOptions) {
    const { clock, log, host, port } = options;
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#warnings = new ReportLimit(clock);
    this.#exchange = new Hj212Exchange({
      station: (key) => this.#stations.get(key),
      onHeard: ({ deviceId }, clockOffsetMs) => {
        this.#supervision.heard(deviceId);
        this.#options.onStatus?.(deviceId, { online: true, reason: 'ok', clockOffsetMs });
      },
      onRefused: (refusal) => this.#refused(refusal),
      clock,
      log,
    });
    this.#supervision = new LineSupervision({ clock, tell: (deviceId, lost) => this.#tellSupervision(deviceId, lost) });
    const what = 'the receiver for monitoring stations';
    const onPeer = (peer: StreamPeer): StreamTaker => this.#serve(peer);
    this.#server = new StreamServer({ host, port, what, log, limits: this.#limits, onPeer });
  }

  /** The port that was taken; 0 before `start()`. */
  get port(): number {
    return this.#server.port;
  }

  /** Listens. @throws SharpEyesError PORT_TAKEN, CONFIG_INVALID */
  async start(): Promise<void> {
    await this.#server.start();
    this.#supervision.start();
  }

  /** Ends all connections and stops listening. */
  async stop(): Promise<void> {
    this.#supervision.stop();
    await this.#server.stop();
  }

  /** Lets a station report here; replaces what was known under its number. */
  add(station: Station): void {
    this.#stations.set(stationKey(station.mn), station);
    if (station.supervisionMs === null) this.#supervision.unwatch(station.deviceId);
    else this.#supervision.watch(station.deviceId, station.supervisionMs);
    this.#options.onStatus?.(station.deviceId, { online: false, reason: 'never-seen', clockOffsetMs: null });
  }

  /** Takes a station out of service. */
  remove(deviceId: string): void {
    for (const [key, station] of this.#stations) {
      if (station.deviceId !== deviceId) continue;
      this.#stations.delete(key);
      this.#exchange.forget(key);
    }
    this.#supervision.unwatch(deviceId);
  }

  /** Since start, refusals by reason among them; `connections` is the present number. */
  counters(): Record<string, number> {
    return { ...this.#counters, connections: this.#server.connections };
  }

  #serve(peer: StreamPeer): StreamTaker {
    const reader = new FrameReader();
    let garbageBytes = 0;
    return {
      take: async (chunk) => {
        for (const item of reader.push(chunk)) {
          if (item.kind === 'garbage') {
            garbageBytes += item.bytes;
            this.#count('garbageBytes', item.bytes);
            continue;
          }
          garbageBytes = 0;
          this.#count('frames');
          for (const answer of await this.#exchange.answer(item.frame, peer.from)) {
            peer.send(answer);
            this.#count('answered');
          }
        }
        if (garbageBytes > this.#limits.garbageBytes) peer.end();
      },
    };
  }

  #count(name: string, by = 1): void {
    this.#counters[name] = (this.#counters[name] ?? 0) + by;
  }

  #refused(refusal: Hj212Refusal): void {
    const { reason, mn, message } = refusal;
    this.#count(reason);
    const suppressedBefore = this.#warnings.pass(`${reason} ${mn ?? ''}`);
    if (suppressedBefore !== null) this.#options.log.warn({ mn, reason, suppressedBefore }, message);
    this.#options.onRefused?.(refusal);
  }

  async #tellSupervision(deviceId: string, lost: boolean): Promise<void> {
    const station = [...this.#stations.values()].find((known) => known.deviceId === deviceId);
    if (station === undefined) return;
    try {
      await station.reporter.state('supervision.lost', lost, { station: station.mn });
    } catch (error) {
      this.#options.log.error({ deviceId, reason: messageOf(error) }, 'the silence of a station was not stored');
      throw error;
    }
    const reason = lost ? 'supervision-lost' : 'ok';
    this.#options.onStatus?.(deviceId, { online: !lost, reason, clockOffsetMs: null });
  }
}
