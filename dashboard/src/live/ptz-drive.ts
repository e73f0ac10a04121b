import type { PlayerClock } from '../player/player-clock.ts';

/** Speed on each axis, -1 … 1: right, up and towards the picture are positive. */
export interface Speed {
  pan: number;
  tilt: number;
  zoom: number;
}

/** What a {@link PtzDrive} needs. */
export interface PtzDriveOptions {
  move(speed: Speed & { timeoutMs: number }): Promise<unknown>;
  stop(): Promise<unknown>;
  clock: PlayerClock;
  /** A movement was refused or not carried out; the camera is not moved any more. */
  onError(error: unknown): void;
}

/** The camera stops by itself when we say nothing for so long. */
const TIMEOUT_MS = 1500;
const REPEAT_MS = 300;

/**
 * Moves a camera while something is held. The order is repeated, one at a time, so that everything stops when this page
 * falls silent; letting go stops at once.
 */
export class PtzDrive {
  readonly #options: PtzDriveOptions;
  #speed: Speed | null = null;
  #busy = false;
  /** A movement was under way when the hold ended: it may arrive after the stop. */
  #stopAgain = false;
  #cancelRepeat: (() => void) | null = null;

  constructor(options: PtzDriveOptions) {
    this.#options = options;
  }

  /** Whether a hold is in progress. */
  get holding(): boolean {
    return this.#speed !== null;
  }

  /** Moves at this speed until {@link release}; called again it changes the speed. */
  hold(speed: Speed): void {
    this.#speed = speed;
    this.#cancelRepeat?.();
    this.#cancelRepeat = null;
    void this.#send();
  }

  /** Stops; without a hold nothing happens. */
  release(): void {
    if (this.#speed === null) return;
    this.#letGo();
    this.#stop();
  }

  #letGo(): void {
    this.#speed = null;
    this.#cancelRepeat?.();
    this.#cancelRepeat = null;
  }

  #stop(): void {
    this.#stopAgain = this.#busy;
    // When it cannot be told, the camera stops by itself a moment later.
    this.#options.stop().catch(() => undefined);
  }

  async #send(): Promise<void> {
    const { move, clock, onError } = this.#options;
    const speed = this.#speed;
    if (this.#busy || speed === null) return;
    this.#busy = true;
    const sentAtMs = clock.nowMs();
    let failure: { error: unknown } | null = null;
    try {
      await move({ ...speed, timeoutMs: TIMEOUT_MS });
    } catch (error) {
      failure = { error };
    }
    this.#busy = false;
    const stopAgain = this.#stopAgain;
    this.#stopAgain = false;
    // Held again meanwhile: the newer order says where to go.
    if (stopAgain && this.#speed === null) this.#options.stop().catch(() => undefined);
    if (failure !== null) {
      if (this.#speed !== null) this.#letGo();
      onError(failure.error);
      return;
    }
    if (this.#speed === null) return;
    if (this.#speed !== speed) return this.#send();
    const waitMs = Math.max(0, REPEAT_MS - (clock.nowMs() - sentAtMs));
    this.#cancelRepeat = clock.after(waitMs, () => void this.#send());
  }
}
