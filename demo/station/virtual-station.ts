import { connect, type Socket } from 'node:net';
import { messageOf } from '../../contract/errors.ts';
import { type Clock, systemClock, type TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { buildFrame } from '../../protocols/hj212/build.ts';
import { FrameReader } from '../../protocols/hj212/frame-reader.ts';
import { parseSegment } from '../../protocols/hj212/segment.ts';
import { formatTime } from '../../protocols/hj212/time.ts';

/** What the station is made of. */
export interface VirtualStationOptions {
  /** Where the receiver listens. */
  receiver: { address: string; port: number };
  /** The station dials from its own address. */
  address: string;
  mn: string;
  password: string;
  /** Between two uploads of present values. */
  periodMs: number;
  log: Log;
  clock?: Clock;
}

/** System 39: dust of building sites. */
const SYSTEM = '39';
/** The 2017 edition, and an answer is wanted. */
const FLAG = 5;
const ANSWER_TIMEOUT_MS = 10_000;
const ATTEMPTS_MAX = 3;
const CHINA_MINUTES = 480;

/** The township's dust and noise station: one HJ 212 connection, present values at a fixed pace, three attempts each. */
export class VirtualStation {
  readonly #options: VirtualStationOptions;
  readonly #clock: Clock;
  readonly #answered = new Map<string, () => void>();
  /** What it measures at the moment, by factor. */
  readonly values: Record<string, number> = { a34002: 41, a34004: 18.5, LA: 52.1, a01001: 21.4, a01002: 55 };
  #reader = new FrameReader();
  #socket: Socket | null = null;
  #timer: TimerHandle | null = null;
  #stopped = false;

  constructor(options: VirtualStationOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  start(): void {
    this.#stopped = false;
    this.#timer = this.#clock.every(this.#options.periodMs, () => void this.upload());
    void this.upload();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#timer = null;
    this.#socket?.destroy();
    this.#socket = null;
  }

  /** Sends the present values until they are acknowledged; resolves to whether they were. */
  async upload(): Promise<boolean> {
    const { mn, password, log } = this.#options;
    const qn = formatTime(this.#clock.nowMs(), CHINA_MINUTES);
    const factors = Object.entries(this.values).map(([code, value]) => `${code}-Rtd=${value},${code}-Flag=N`);
    const content = [`DataTime=${qn.slice(0, 14)}`, ...factors].join(';');
    const frame = buildFrame({ qn, st: SYSTEM, cn: '2011', password, mn, flag: FLAG, content });
    for (let attempt = 1; attempt <= ATTEMPTS_MAX && !this.#stopped; attempt += 1) {
      try {
        if (await this.#exchange(frame, qn)) return true;
      } catch (error) {
        log.debug({ attempt }, `station: ${messageOf(error)}`);
      }
    }
    return false;
  }

  async #exchange(frame: Uint8Array, qn: string): Promise<boolean> {
    const socket = await this.#connected();
    return new Promise((resolve) => {
      const done = (acknowledged: boolean): void => {
        timer.cancel();
        this.#answered.delete(qn);
        socket.off('close', onClose);
        resolve(acknowledged);
      };
      const onClose = (): void => done(false);
      const timer = this.#clock.after(ANSWER_TIMEOUT_MS, () => done(false));
      this.#answered.set(qn, () => done(true));
      socket.once('close', onClose);
      socket.write(frame);
    });
  }

  #connected(): Promise<Socket> {
    const { receiver, address } = this.#options;
    if (this.#socket !== null && !this.#socket.destroyed) return Promise.resolve(this.#socket);
    this.#reader = new FrameReader();
    const socket = connect({ host: receiver.address, port: receiver.port, localAddress: address });
    this.#socket = socket;
    socket.on('data', (chunk) => this.#read(chunk));
    return new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(socket));
      socket.on('error', reject);
    });
  }

  #read(chunk: Uint8Array): void {
    for (const item of this.#reader.push(chunk)) {
      if (item.kind !== 'frame') continue;
      const { cn, qn } = parseSegment(item.frame.segment);
      if (cn === '9014' && qn !== null) this.#answered.get(qn)?.();
    }
  }
}
