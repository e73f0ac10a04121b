import type { DeviceReason } from '../../../contract/device.ts';
import { messageOf } from '../../../contract/errors.ts';
import { Backoff } from '../../../platform/backoff.ts';
import { type Clock, delay, type TimerHandle } from '../../../platform/clock.ts';
import type { Log } from '../../../platform/log.ts';
import { Supervisor } from '../../../platform/supervisor.ts';
import type { Notification } from '../../../protocols/onvif/notification.ts';
import type { RawEvent } from '../../profiles/raw-event.ts';
import type { DeviceReporter } from '../../profiles/reporter.ts';
import { findServices } from './inspect.ts';
import type { OnvifClient } from './onvif-client.ts';
import { type PullLimits, PullPointSession } from './pull-point.ts';
import { deviceReasonOf } from './reason.ts';

/** How a device stands. */
export interface OnvifStatus {
  online: boolean;
  reason: DeviceReason;
  /** A sentence when something is wrong, else ''. */
  message: string;
  /** Device clock minus ours; null when unknown. */
  clockOffsetMs: number | null;
}

/** What an {@link OnvifDevice} needs. */
export interface OnvifDeviceOptions {
  deviceId: string;
  client: OnvifClient;
  reporter: DeviceReporter;
  /** Told whenever something of it changes. */
  onStatus(status: OnvifStatus): void;
  clock: Clock;
  log: Log;
  pull?: Partial<PullLimits>;
  random?: () => number;
}

const BACKOFF = { firstMs: 1_000, maxMs: 60_000 };
const STORE_BACKOFF = { firstMs: 200, maxMs: 10_000 };
const EXPIRE_MS = 2_000;
/** Sign of life of devices without events. */
const WATCH_MS = 30_000;
const CLOCK_MS = 3_600_000;

/** Keeps a subscription to an ONVIF device's events and hands them on, until stopped. */
export class OnvifDevice {
  readonly #options: OnvifDeviceOptions;
  readonly #supervisor: Supervisor;
  #expiry: TimerHandle | null = null;
  #status: OnvifStatus = { online: false, reason: 'connecting', message: '', clockOffsetMs: null };
  #clockAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: OnvifDeviceOptions) {
    const { clock, log, deviceId } = options;
    this.#options = options;
    this.#supervisor = new Supervisor({
      name: `onvif ${deviceId}`,
      clock,
      log,
      backoff: BACKOFF,
      ...(options.random === undefined ? {} : { random: options.random }),
      runOnce: (signal, established) => this.#runOnce(signal, established),
      onFailure: (error) => this.#tell({ online: false, reason: deviceReasonOf(error), message: messageOf(error) }),
    });
  }

  get status(): OnvifStatus {
    return this.#status;
  }

  start(): void {
    const { clock, reporter, log } = this.#options;
    this.#supervisor.start();
    this.#expiry ??= clock.every(EXPIRE_MS, () => {
      reporter.expire().catch((error: unknown) => log.error({ err: error }, 'the end of a state was not stored'));
    });
  }

  async stop(): Promise<void> {
    this.#expiry?.cancel();
    this.#expiry = null;
    await this.#supervisor.stop();
  }

  async #runOnce(signal: AbortSignal, established: () => void): Promise<void> {
    const { client, clock, log } = this.#options;
    await this.#measureClock(signal);
    const { events: url } = await findServices(client, { signal });
    const works = (): void => {
      established();
      this.#tell({ online: true, reason: 'ok', message: '' });
    };
    if (url === undefined) return this.#watch(signal, works);
    const deliver = (notification: Notification): Promise<void> => this.#deliver(notification, signal);
    const pull = this.#options.pull === undefined ? {} : { limits: this.#options.pull };
    await new PullPointSession({ client, url, clock, log, signal, established: works, deliver, ...pull }).run();
  }

  /** A device without events is at least seen to be there. */
  async #watch(signal: AbortSignal, works: () => void): Promise<void> {
    const { client, clock } = this.#options;
    while (!signal.aborted) {
      await client.measureClock(signal);
      works();
      await delay(clock, WATCH_MS, signal).catch(() => undefined);
    }
  }

  /** Repeats what could not be stored: a device hands out each message once. */
  async #deliver(notification: Notification, signal: AbortSignal): Promise<void> {
    const { reporter, clock, log } = this.#options;
    const backoff = new Backoff(STORE_BACKOFF);
    for (;;) {
      try {
        await reporter.report(rawEventOf(notification), notification.utcTimeMs);
        break;
      } catch (error) {
        log.error({ topic: notification.topic, reason: messageOf(error) }, 'an event was not stored; trying again');
        await delay(clock, backoff.nextMs(), signal).catch(() => undefined);
        if (signal.aborted) return;
      }
    }
    if (clock.monotonicMs() - this.#clockAtMs >= CLOCK_MS) await this.#measureClock(signal);
  }

  async #measureClock(signal: AbortSignal): Promise<void> {
    const { client, clock } = this.#options;
    const clockOffsetMs = await client.measureClock(signal);
    this.#clockAtMs = clock.monotonicMs();
    this.#tell({ clockOffsetMs });
  }

  #tell(change: Partial<OnvifStatus>): void {
    const next = { ...this.#status, ...change };
    const same = (Object.keys(next) as (keyof OnvifStatus)[]).every((key) => next[key] === this.#status[key]);
    if (same) return;
    this.#status = next;
    this.#options.onStatus(next);
  }
}

function rawEventOf({ topic, propertyOperation, source, key, data }: Notification): RawEvent {
  return { topic, operation: propertyOperation, source, key, data };
}
