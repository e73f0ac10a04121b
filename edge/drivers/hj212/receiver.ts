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
  /** Frames in a row that were refused before a connection is ended. */
  refusedFrames: number;
  /** For so long nothing is heard in a station's name from an address that gave a wrong password: there are a million. */
  wrongPasswordMs: number;
}

const DEFAULT_LIMITS: Hj212Limits = {
  connections: 500,
  connectionsPerAddress: 64,
  idleMs: 10_800_000,
  garbageBytes: 65_536,
  refusedFrames: 50,
  wrongPasswordMs: 2000,
};
/** So many frames are handled before others have their turn. */
const FRAMES_PER_TURN = 32;
/** Clocks are compared to the second: two messages differ by the milliseconds that the network took. */
const OFFSET_STEP_MS = 2000;

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
  /** Stations that were heard, and how far their clock was off when that was told last. */
  readonly #offsets = new Map<string, number | null>();
  readonly #counters: Record<string, number> = { frames: 0, answered: 0, garbageBytes: 0 };

  constructor(options: Hj212ReceiverOptions) {
    const { clock, log, host, port } = options;
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#warnings = new ReportLimit(clock);
    this.#exchange = new Hj212Exchange({
      station: (key) => this.#stations.get(key),
      onHeard: ({ deviceId }, clockOffsetMs) => this.#heard(deviceId, clockOffsetMs),
      onRefused: (refusal) => this.#refused(refusal),
      wrongPasswordMs: this.#limits.wrongPasswordMs,
      clock,
      log,
    });
    this.#supervision = new LineSupervision({ clock, tell: (deviceId, lost) => this.#tellSupervision(deviceId, lost) });
    const what = 'the receiver for monitoring stations';
    const onPeer = (peer: StreamPeer): StreamTaker => this.#serve(peer);
    this.#server = new StreamServer({ host, port, what, log, clock, limits: this.#limits, onPeer });
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
    this.#offsets.delete(deviceId);
    this.#supervision.unwatch(deviceId);
  }

  /** Since start, refusals by reason among them; `connections` is the present number. */
  counters(): Record<string, number> {
    return { ...this.#counters, connections: this.#server.connections };
  }

  #serve(peer: StreamPeer): StreamTaker {
    const reader = new FrameReader();
    let [garbageBytes, refusedInARow, frames] = [0, 0, 0];
    return {
      take: async (chunk) => {
        for (const item of reader.push(chunk)) {
          if (!peer.isOpen) return;
          if (item.kind === 'garbage') {
            garbageBytes += item.bytes;
            this.#count('garbageBytes', item.bytes);
            continue;
          }
          frames += 1;
          if (frames % FRAMES_PER_TURN === 0) await new Promise((done) => setImmediate(done));
          this.#count('frames');
          const { frames: answers, refused } = await this.#exchange.answer(item.frame, peer.from);
          for (const answer of answers) peer.send(answer);
          this.#count('answered', answers.length);
          refusedInARow = refused === null ? 0 : refusedInARow + 1;
          if (refused === null) garbageBytes = 0;
          if (refusedInARow >= this.#limits.refusedFrames) return peer.end();
        }
        if (garbageBytes > this.#limits.garbageBytes) peer.end();
      },
    };
  }

  #heard(deviceId: string, clockOffsetMs: number | null): void {
    this.#supervision.heard(deviceId);
    const told = this.#offsets.get(deviceId) ?? null;
    const isNear = told !== null && clockOffsetMs !== null && Math.abs(told - clockOffsetMs) < OFFSET_STEP_MS;
    const offset = isNear ? told : clockOffsetMs;
    this.#offsets.set(deviceId, offset);
    this.#options.onStatus?.(deviceId, { online: true, reason: 'ok', clockOffsetMs: offset });
  }

  #count(name: string, by = 1): void {
    this.#counters[name] = (this.#counters[name] ?? 0) + by;
  }

  #refused(refusal: Hj212Refusal): void {
    const { reason, mn, deviceId, from, message } = refusal;
    this.#count(reason);
    // By where it comes from and not by a number that anybody can invent.
    const suppressedBefore = this.#warnings.pass(`${reason} ${from}`);
    if (suppressedBefore !== null) this.#options.log.warn({ mn, reason, suppressedBefore }, message);
    // A stranger must not speak ill of a station that works.
    if (deviceId !== null && reason === 'wrong-password' && !this.#offsets.has(deviceId)) {
      this.#options.onStatus?.(deviceId, { online: false, reason: 'refused-credentials', clockOffsetMs: null });
    }
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
    const clockOffsetMs = this.#offsets.get(deviceId) ?? null;
    this.#options.onStatus?.(deviceId, { online: !lost, reason, clockOffsetMs });
  }
}
