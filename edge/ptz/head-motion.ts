import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import { type Clock, delay, type TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { PtzHead, PtzSpeed } from '../devices/driver.ts';

/** What a {@link HeadMotion} needs. */
export interface MotionOptions {
  clock: Clock;
  log: Log;
  /** Nothing moves and nothing waits. */
  onIdle(): void;
}

interface Wish {
  head: PtzHead;
  /** Null stops. */
  speed: PtzSpeed | null;
  timeoutMs: number;
  settle: { resolve: () => void; reject: (error: unknown) => void }[];
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
 * movement that nobody renews is stopped.
 */
export class HeadMotion {
  readonly #options: MotionOptions;
  #next: Wish | null = null;
  #lease: TimerHandle | null = null;
  /** What the camera was last told successfully or may have heard; null when it stands. */
  #moving: { head: PtzHead; speed: PtzSpeed; toldAtMs: number } | null = null;
  #busy = false;
  #waiting: (() => Promise<void>)[] = [];

  constructor(options: MotionOptions) {
    this.#options = options;
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
  inTurn<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#waiting.length >= WAITING_MAX) {
      return Promise.reject(new SharpEyesError('LIMIT_REACHED', 'too many orders wait for this camera'));
    }
    const asked = new Promise<T>((resolve, reject) => {
      this.#waiting.push(() => ask().then(resolve, reject));
    });
    this.#pump();
    return asked;
  }

  /** Stops the camera when it moves, whatever waits. */
  async end(): Promise<void> {
    this.#lease?.cancel();
    this.#lease = null;
    const head = this.#next?.head ?? this.#moving?.head;
    if (head === undefined || (this.#moving === null && this.#next?.speed == null && !this.#busy)) return;
    await this.#wish(head, null, 0).catch((error: unknown) => {
      this.#options.log.warn({ reason: messageOf(error) }, 'a moving camera could not be stopped');
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
    return new Promise((resolve, reject) => {
      const settle = [...(this.#next?.settle ?? []), { resolve, reject }];
      this.#next = { head, speed, timeoutMs, settle };
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#busy) return;
    const wish = this.#next;
    const ask = wish === null ? this.#waiting.shift() : undefined;
    if (wish === null && ask === undefined) {
      if (this.#moving === null && this.#lease === null) this.#options.onIdle();
      return;
    }
    this.#next = null;
    this.#busy = true;
    const done = wish === null ? ask?.() : this.#carryOut(wish);
    void Promise.resolve(done).finally(() => {
      this.#busy = false;
      this.#pump();
    });
  }

  async #carryOut({ head, speed, timeoutMs, settle }: Wish): Promise<void> {
    try {
      if (speed === null) await this.#stop(head);
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

  async #stop(head: PtzHead): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await head.stop();
        this.#moving = null;
        return;
      } catch (error) {
        // A newer wish supersedes the attempts; a refused password must not be tried on and on.
        const isFinal = error instanceof SharpEyesError && error.code === 'DEVICE_REFUSED_CREDENTIALS';
        if (this.#next !== null || isFinal || attempt >= STOP_ATTEMPTS) {
          if (this.#next === null) this.#moving = null;
          throw error;
        }
        await delay(this.#options.clock, STOP_AGAIN_MS * attempt);
      }
    }
  }
}

function sameSpeed(a: PtzSpeed, b: PtzSpeed): boolean {
  return a.pan === b.pan && a.tilt === b.tilt && a.zoom === b.zoom;
}
