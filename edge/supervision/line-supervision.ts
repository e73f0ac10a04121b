import type { Clock, TimerHandle } from '../../platform/clock.ts';

/** A device whose line is watched. */
interface Watched {
  readonly periodMs: number;
  heardAtMs: number;
  /** What was told last; null: nothing yet. The first sign of life is told, as the line may have been lost before we started. */
  lost: boolean | null;
  /** The change is being told. */
  telling: boolean;
}

/** What a {@link LineSupervision} needs. */
export interface LineSupervisionOptions {
  clock: Clock;
  /** Told when a line is lost or is back. Rejects when that could not be stored; then it is told again. */
  tell(deviceId: string, lost: boolean): Promise<void>;
}

/** What is added to a device's own period before its line counts as lost. */
const GRACE_MS = 10_000;
const SWEEP_MS = 1_000;

/** Notices devices that have fallen silent: any message restarts a device's period (for alarm boxes DC-09, 5.5.2). */
export class LineSupervision {
  readonly #options: LineSupervisionOptions;
  readonly #watched = new Map<string, Watched>();
  #timer: TimerHandle | null = null;

  constructor(options: LineSupervisionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= this.#options.clock.every(SWEEP_MS, () => this.#sweep());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Watches a device from now on. */
  watch(deviceId: string, periodMs: number): void {
    const heardAtMs = this.#options.clock.monotonicMs();
    this.#watched.set(deviceId, { periodMs, heardAtMs, lost: null, telling: false });
  }

  unwatch(deviceId: string): void {
    this.#watched.delete(deviceId);
  }

  /** A device was heard. */
  heard(deviceId: string): void {
    const watched = this.#watched.get(deviceId);
    if (watched === undefined) return;
    watched.heardAtMs = this.#options.clock.monotonicMs();
    this.#judge(deviceId, watched, true);
  }

  #sweep(): void {
    for (const [deviceId, watched] of this.#watched) this.#judge(deviceId, watched, false);
  }

  #judge(deviceId: string, watched: Watched, alive: boolean): void {
    const silentMs = this.#options.clock.monotonicMs() - watched.heardAtMs;
    const lost = silentMs > watched.periodMs + GRACE_MS;
    if (lost === watched.lost || watched.telling) return;
    if (watched.lost === null && !lost && !alive) return;
    watched.telling = true;
    this.#options.tell(deviceId, lost).then(
      () => {
        watched.telling = false;
        watched.lost = lost;
      },
      // Whoever could not store it has said so; the next sweep tries again.
      () => {
        watched.telling = false;
      },
    );
  }
}
