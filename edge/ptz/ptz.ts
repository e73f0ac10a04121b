import type { CommandParams, PtzPreset } from '../../contract/command.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { PtzHead } from '../devices/driver.ts';
import { type AskKind, HeadMotion } from './head-motion.ts';

/** What {@link Ptz} is built from. */
export interface PtzOptions {
  /** How a device is turned. Throws DEVICE_UNKNOWN or DEVICE_UNSUPPORTED. */
  head(deviceId: string): PtzHead;
  clock: Clock;
  log: Log;
}

/** Turns cameras for the hub: one request at a time per camera, the latest wish wins, and every movement ends by itself. */
export class Ptz {
  readonly #options: PtzOptions;
  readonly #motions = new Map<string, HeadMotion>();

  constructor(options: PtzOptions) {
    this.#options = options;
  }

  /**
   * Moves a camera for `timeoutMs`; repeated to go on. Resolves when the camera has heard it, or a later wish has taken
   * its place.
   * @throws SharpEyesError DEVICE_UNKNOWN, DEVICE_UNSUPPORTED, DEVICE_UNREACHABLE, TIMEOUT …
   */
  async move({ deviceId, pan, tilt, zoom, timeoutMs }: CommandParams<'ptz.move'>): Promise<void> {
    const head = this.#options.head(deviceId);
    await this.#motion(deviceId).move(head, { pan, tilt, zoom }, timeoutMs);
  }

  /** Stops a camera; one that stands still is fine. */
  async halt(deviceId: string): Promise<void> {
    const head = this.#options.head(deviceId);
    await this.#motion(deviceId).halt(head);
  }

  presets(deviceId: string): Promise<PtzPreset[]> {
    return this.#inTurn(deviceId, 'reads', (head) => head.presets());
  }

  goto(deviceId: string, token: string): Promise<void> {
    return this.#inTurn(deviceId, 'turns', (head) => head.goto(token));
  }

  remember(deviceId: string, name: string, token: string | null): Promise<PtzPreset> {
    return this.#inTurn(deviceId, 'writes', (head) => head.remember(name, token));
  }

  forget(deviceId: string, token: string): Promise<void> {
    return this.#inTurn(deviceId, 'writes', (head) => head.forget(token));
  }

  /** Stops every camera that moves; resolves when they have heard it or cannot be reached. */
  async stop(): Promise<void> {
    const motions = [...this.#motions.values()];
    this.#motions.clear();
    await Promise.all(motions.map((motion) => motion.end()));
  }

  async #inTurn<T>(deviceId: string, kind: AskKind, ask: (head: PtzHead) => Promise<T>): Promise<T> {
    const head = this.#options.head(deviceId);
    return this.#motion(deviceId).inTurn(kind, () => ask(head));
  }

  #motion(deviceId: string): HeadMotion {
    const known = this.#motions.get(deviceId);
    if (known !== undefined) return known;
    const { clock, log } = this.#options;
    const motion = new HeadMotion({
      clock,
      log: log.child({ deviceId }),
      head: () => this.#options.head(deviceId),
      onIdle: () => {
        if (this.#motions.get(deviceId) === motion) this.#motions.delete(deviceId);
      },
    });
    this.#motions.set(deviceId, motion);
    return motion;
  }
}
