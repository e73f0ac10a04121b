import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import { type Clock, delay, type TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { PtzHead, PtzSpeed } from '../devices/driver.ts';
import { StopReminder } from './stop-reminder.ts';

/** What a {@link HeadMotion} needs. */
export interface MotionOptions {
  clock: Clock;
  log: Log;
  /** How the camera is turned now. Throws DEVICE_UNKNOWN when there is none any more. */
  head(): PtzHead;
  /** Nothing moves and nothing waits. */
  onIdle(): void;
}

interface Wish {
  head: PtzHead;
  /** Null stops. */
  speed: PtzSpeed | null;
  timeoutMs: number;
  /** How often a stop is said, in a row. */
  attempts: number;
  settle: { resolve: () => void; reject: (error: unknown) => void }[];
}

/**
 * What an order about presets does: one that turns the camera goes in turn with movements; beside one that writes a stop
 * may go, and beside one that reads anything. Cameras take seconds to list hundreds of positions.
 */
export type AskKind = 'turns' | 'writes' | 'reads';

interface Ask {
  kind: AskKind;
  run(): Promise<void>;
}

/** Orders about presets that may wait for one camera. */
const WAITING_MAX = 8;
/** A camera that did not hear a stop is told again, this many times. */
const STOP_ATTEMPTS = 4;
const STOP_AGAIN_MS = 250;
/** Cameras count in whole seconds; theirs is the second rope, ours the first. */
const CAMERA_SPARE_MS = 1000;
/** The same speed is said again to the camera after this, although the hub repeats it more often. */
const REPEAT_MS = 700;

/**
 * The movement of one camera. Requests go out one after the other; of wishes that wait only the last is carried out; a
 * movement that nobody renews is stopped, and the camera is told so until it has heard.
 */
export class HeadMotion {
  readonly #options: MotionOptions;
  #next: Wish | null = null;
  #lease: TimerHandle | null = null;
  /** What the camera was last told successfully or may have heard; null when it stands. */
  #moving: { head: PtzHead; speed: PtzSpeed; toldAtMs: number } | null = null;
  /** A request that turns or stops the camera is on its way. */
  #busy = false;
  #waiting: Ask[] = [];
  /** What the camera is being asked beside movements. */
  #asking: AskKind | null = null;
  readonly #reminder: StopReminder;
  #isEnded = false;

  constructor(options: MotionOptions) {
    this.#options = options;
    this.#reminder = new StopReminder(options.clock, () => this.#stopAgain());
  }

  move(head: PtzHead, speed: PtzSpeed, timeoutMs: number): Promise<void> {
    this.#lease?.cancel();
    this.#lease = this.#options.clock.after(timeoutMs, () => this.#expire(head));
    if (this.#isHeard(speed, timeoutMs)) return Promise.resolve();
    return this.#wish(head, speed, timeoutMs);
  }

  halt(head: PtzHead): Promise<void> {
    this.#lease?.cancel();
    this.#lease = null;
    return this.#wish(head, null, 0);
  }

  /** Asks the camera something else between two movements. @throws SharpEyesError LIMIT_REACHED */
  inTurn<T>(kind: AskKind, ask: () => Promise<T>): Promise<T> {
    if (this.#waiting.length >= WAITING_MAX) {
      return Promise.reject(new SharpEyesError('LIMIT_REACHED', 'too many orders wait for this camera'));
    }
    const asked = new Promise<T>((resolve, reject) => {
      const done = (value: T): void => {
        if (kind === 'turns') this.#wentElsewhere();
        resolve(value);
      };
      this.#waiting.push({ kind, run: () => ask().then(done, reject) });
    });
    this.#pump();
    return asked;
  }

  /** Stops the camera when it moves, whatever waits; one that does not hear is given up after a few attempts. */
  async end(): Promise<void> {
    this.#isEnded = true;
    this.#reminder.cancel();
    this.#lease?.cancel();
    this.#lease = null;
    const head = this.#next?.head ?? this.#moving?.head;
    if (head === undefined || (this.#moving === null && this.#next?.speed == null && !this.#busy)) return;
    await this.#wish(head, null, 0).catch((error: unknown) => {
      this.#options.log.debug({ reason: messageOf(error) }, 'the last stop was not heard');
    });
  }

  /** The camera is already doing it and will go on for long enough. */
  #isHeard(speed: PtzSpeed, timeoutMs: number): boolean {
    const { clock } = this.#options;
    if (this.#next !== null || this.#busy || this.#moving === null) return false;
    const sinceMs = clock.monotonicMs() - this.#moving.toldAtMs;
    return sameSpeed(this.#moving.speed, speed) && sinceMs < Math.min(REPEAT_MS, timeoutMs);
  }

  #expire(head: PtzHead): void {
    this.#lease = null;
    this.#options.log.info({}, 'nobody renewed the movement; the camera is stopped');
    this.#wish(head, null, 0).catch((error: unknown) => {
      this.#options.log.warn({ reason: messageOf(error) }, 'a moving camera could not be stopped');
    });
  }

  /** The last wish takes the place of one that still waits, whose callers are content with it. */
  #wish(head: PtzHead, speed: PtzSpeed | null, timeoutMs: number): Promise<void> {
    this.#reminder.cancel();
    return new Promise((resolve, reject) => {
      const settle = [...(this.#next?.settle ?? []), { resolve, reject }];
      this.#next = { head, speed, timeoutMs, attempts: STOP_ATTEMPTS, settle };
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#busy) return;
    const wish = this.#next;
    if (wish !== null) {
      if (this.#asking === 'writes' && wish.speed !== null) return;
      this.#next = null;
      this.#occupy(() => this.#carryOut(wish));
      return;
    }
    if (this.#asking !== null) return;
    const ask = this.#waiting.shift();
    if (ask !== undefined) this.#ask(ask);
    else if (this.#moving === null && this.#lease === null) this.#options.onIdle();
  }

  #occupy(work: () => Promise<void>): void {
    this.#busy = true;
    void work().finally(() => {
      this.#busy = false;
      this.#pump();
    });
  }

  #ask({ kind, run }: Ask): void {
    if (kind === 'turns') return this.#occupy(run);
    this.#asking = kind;
    void run().finally(() => {
      this.#asking = null;
      this.#pump();
    });
  }

  async #carryOut({ head, speed, timeoutMs, attempts, settle }: Wish): Promise<void> {
    try {
      if (speed === null) await this.#stop(head, attempts);
      else {
        // Said before it is heard: a camera that did move although its answer was lost has to be stopped.
        this.#moving = { head, speed, toldAtMs: this.#options.clock.monotonicMs() };
        await head.move(speed, timeoutMs + CAMERA_SPARE_MS);
      }
      for (const { resolve } of settle) resolve();
    } catch (error) {
      for (const { reject } of settle) reject(error);
    }
  }

  async #stop(head: PtzHead, attempts: number): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await head.stop();
        return this.#stands();
      } catch (error) {
        // A newer wish supersedes the attempts.
        if (this.#next !== null) throw error;
        if (isFinal(error) || attempt >= attempts) {
          this.#notStopped(error);
          throw error;
        }
        await delay(this.#options.clock, STOP_AGAIN_MS * attempt);
      }
    }
  }

  /** Whoever asked for the stop is told so; the camera goes on being told. */
  #notStopped(error: unknown): void {
    if (this.#moving === null) return;
    const { log } = this.#options;
    const isToldAgain = !this.#isEnded && !isFinal(error) && this.#reminder.again();
    if (isToldAgain) return log.debug({ reason: messageOf(error) }, 'a camera did not hear the stop; it is told again');
    log.warn({ reason: messageOf(error) }, 'a moving camera could not be stopped');
    this.#stands();
  }

  #stopAgain(): void {
    try {
      this.#next = { head: this.#options.head(), speed: null, timeoutMs: 0, attempts: 1, settle: [] };
    } catch (error) {
      this.#notStopped(error);
    }
    this.#pump();
  }

  /** A stop that is only a reminder would keep the camera from getting there. */
  #wentElsewhere(): void {
    if (this.#lease !== null) return;
    if (this.#next?.settle.length === 0) this.#next = null;
    this.#stands();
  }

  #stands(): void {
    this.#moving = null;
    this.#reminder.cancel();
  }
}

/** A refused password must not be tried on and on, and a device that was taken out of service is not ours to stop. */
function isFinal(error: unknown): boolean {
  const codes: readonly string[] = ['DEVICE_REFUSED_CREDENTIALS', 'DEVICE_UNKNOWN'];
  return error instanceof SharpEyesError && codes.includes(error.code);
}

function sameSpeed(a: PtzSpeed, b: PtzSpeed): boolean {
  return a.pan === b.pan && a.tilt === b.tilt && a.zoom === b.zoom;
}
