import { SharpEyesError } from '../../../contract/errors.ts';
import { type Clock, delay } from '../../../platform/clock.ts';
import type { Log } from '../../../platform/log.ts';
import type { Notification } from '../../../protocols/onvif/notification.ts';
import { type PullPoint, parseNotifications, parsePullPoint } from '../../../protocols/onvif/parse-events.ts';
import {
  createPullPointSubscription,
  pullMessages,
  renew,
  setSynchronizationPoint,
  unsubscribe,
} from '../../../protocols/onvif/request-events.ts';
import { atDevice } from './device-url.ts';
import type { CallOptions, OnvifClient } from './onvif-client.ts';

/** What one subscription needs. */
export interface PullPointOptions {
  client: OnvifClient;
  /** Address of the event service. */
  url: string;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  /** The subscription stands; from here on a failure is a new one. */
  established(): void;
  /** Takes one message; the next is fetched when it resolves. */
  deliver(notification: Notification): Promise<void>;
  limits?: Partial<PullLimits>;
}

/** Times of a subscription. */
export interface PullLimits {
  /** How long a pull waits at the device. */
  pullMs: number;
  /** Lifetime that is asked for; pulling prolongs it. */
  termMs: number;
  messages: number;
}

const DEFAULT_LIMITS: PullLimits = { pullMs: 20_000, termMs: 60_000, messages: 50 };
/** A device may answer this much later than it was asked to. */
const ANSWER_GRACE_MS = 10_000;
/** Some devices hang up on long pulls: normal for a few in a row, with shorter pulls, before it counts as a failure. */
const HANG_UPS_MAX = 3;
const PULL_MIN_MS = 4_000;
/** A pull that comes back empty at once would turn into a busy loop. */
const EMPTY_AT_ONCE_MS = 250;
const GOODBYE_MS = 2_000;

/** One subscription from its creation to its end (ONVIF Core, 9.2): create, ask for all states, pull, prolong. */
export class PullPointSession {
  readonly #options: PullPointOptions;
  readonly #limits: PullLimits;
  #call: CallOptions = {};
  #pullMs: number;
  #renewAtMs = Number.POSITIVE_INFINITY;

  constructor(options: PullPointOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#pullMs = this.#limits.pullMs;
  }

  /** Runs until the signal aborts (resolves) or something fails (rejects). */
  async run(): Promise<void> {
    const { client, url, signal, established } = this.#options;
    const point = await this.#create(client, url);
    const address = atDevice(point.address, client.url) ?? url;
    this.#call = { url: address, subscription: point.referenceParameters, signal };
    this.#scheduleRenewal();
    try {
      // Optional for devices without properties; what they have comes anyway.
      await this.#bearing(() => client.call(setSynchronizationPoint(), this.#call));
      established();
      while (!signal.aborted) await this.#turn();
    } finally {
      await this.#farewell();
    }
  }

  /** Some devices refuse the lifetime that we ask for, but not their own. */
  async #create(client: OnvifClient, url: string): Promise<PullPoint> {
    const { signal } = this.#options;
    try {
      return parsePullPoint(await client.call(createPullPointSubscription(this.#limits.termMs), { url, signal }));
    } catch (error) {
      const refused = error instanceof SharpEyesError && error.context['faultKind'] === 'invalid-arguments';
      if (!refused) throw error;
      return parsePullPoint(await client.call(createPullPointSubscription(null), { url, signal }));
    }
  }

  async #turn(): Promise<void> {
    const { clock, deliver, signal } = this.#options;
    const askedAtMs = clock.monotonicMs();
    const notifications = await this.#pull();
    for (const notification of notifications) {
      if (signal.aborted) return;
      await deliver(notification);
    }
    if (notifications.length === 0 && clock.monotonicMs() - askedAtMs < EMPTY_AT_ONCE_MS) {
      await delay(clock, 1_000, signal).catch(() => undefined);
    }
    if (!signal.aborted && clock.monotonicMs() >= this.#renewAtMs) await this.#renew();
  }

  async #pull(): Promise<Notification[]> {
    const { client, log } = this.#options;
    for (let hangUps = 0; ; hangUps++) {
      const timeoutMs = this.#pullMs + ANSWER_GRACE_MS;
      try {
        const body = await client.call(pullMessages(this.#pullMs, this.#limits.messages), { ...this.#call, timeoutMs });
        return parseNotifications(body);
      } catch (error) {
        const hungUp = error instanceof SharpEyesError && error.code === 'DEVICE_UNREACHABLE';
        if (!hungUp || hangUps >= HANG_UPS_MAX) throw error;
        this.#pullMs = Math.max(Math.min(PULL_MIN_MS, this.#pullMs), Math.round(this.#pullMs / 2));
        log.debug({ pullMs: this.#pullMs }, 'the device hung up on a pull; the next ones are shorter');
      }
    }
  }

  #scheduleRenewal(): void {
    this.#renewAtMs = this.#options.clock.monotonicMs() + this.#limits.termMs / 2;
  }

  /** Pulling prolongs as well, so a device that knows no Renew is no worse for it. */
  async #renew(): Promise<void> {
    this.#scheduleRenewal();
    const renewed = await this.#bearing(() => this.#options.client.call(renew(this.#limits.termMs), this.#call));
    if (!renewed) this.#renewAtMs = Number.POSITIVE_INFINITY;
  }

  /** False when the device does not know or like the request; throws everything else. */
  async #bearing(ask: () => Promise<unknown>): Promise<boolean> {
    try {
      await ask();
      return true;
    } catch (error) {
      const gone = error instanceof SharpEyesError && error.context['faultKind'] === 'resource-unknown';
      const bearable =
        error instanceof SharpEyesError && ['DEVICE_UNSUPPORTED', 'DEVICE_PROTOCOL'].includes(error.code);
      if (gone || !bearable) throw error;
      return false;
    }
  }

  /** Devices have few subscriptions to give, so this one is handed back; nobody waits long for it. */
  async #farewell(): Promise<void> {
    const { client, log } = this.#options;
    const { signal: _ended, ...call } = this.#call;
    await client.call(unsubscribe(), { ...call, timeoutMs: GOODBYE_MS }).catch((error: unknown) => {
      log.debug({ err: error }, 'the subscription could not be handed back');
    });
  }
}
