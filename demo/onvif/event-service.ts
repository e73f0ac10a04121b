import { randomBytes } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import {
  buildPullMessages,
  buildPullPoint,
  buildRenew,
  buildSetSynchronizationPoint,
  buildUnsubscribe,
  type NotificationToBuild,
} from '../../protocols/onvif/build-events.ts';
import {
  parsePullMessagesRequest,
  parseTerminationRequest,
  type ReceivedRequest,
} from '../../protocols/onvif/parse-request.ts';
import { buildFault } from '../../protocols/soap/fault.ts';

const PULL_POINTS_MAX = 8;
const QUEUE_MAX = 200;
const DEFAULT_TERM_MS = 60_000;
const TERM_MAX_MS = 600_000;
const PULL_MAX_MS = 60_000;
/** Path under which pull points live on a virtual device. */
export const SUBSCRIPTION_PATH = '/onvif/subscription/';

interface PullPoint {
  id: string;
  endsAtMs: number;
  queue: NotificationToBuild[];
  wake: (() => void) | null;
}

/** Event service with pull points (ONVIF Core, 9) of a virtual device. */
export class EventService {
  readonly #clock: Clock;
  readonly #baseUrl: string;
  /** Current value of each property, for synchronisation points. */
  readonly #properties: () => readonly NotificationToBuild[];
  readonly #points = new Map<string, PullPoint>();

  constructor(options: { clock: Clock; baseUrl: string; properties: () => readonly NotificationToBuild[] }) {
    this.#clock = options.clock;
    this.#baseUrl = options.baseUrl;
    this.#properties = options.properties;
  }

  /** Hands a notification to every subscriber. */
  notify(notification: NotificationToBuild): void {
    this.#forgetEnded();
    for (const point of this.#points.values()) this.#enqueue(point, notification);
  }

  create(request: ReceivedRequest): string {
    this.#forgetEnded();
    if (this.#points.size >= PULL_POINTS_MAX) {
      return buildFault(['s:Receiver', 'wsnt:SubscribeCreationFailedFault'], 'too many subscriptions');
    }
    const point: PullPoint = { id: randomBytes(6).toString('hex'), endsAtMs: 0, queue: [], wake: null };
    this.#points.set(point.id, point);
    this.#extend(point, parseTerminationRequest(request.body));
    return buildPullPoint(`${this.#baseUrl}${SUBSCRIPTION_PATH}${point.id}`, this.#clock.nowMs(), this.#wallEnd(point));
  }

  renew(path: string, request: ReceivedRequest): string {
    return this.#with(path, request, (point) => {
      this.#extend(point, parseTerminationRequest(request.body));
      return buildRenew(this.#clock.nowMs(), this.#wallEnd(point));
    });
  }

  unsubscribe(path: string, request: ReceivedRequest): string {
    return this.#with(path, request, (point) => {
      this.#points.delete(point.id);
      point.wake?.();
      return buildUnsubscribe();
    });
  }

  synchronize(path: string, request: ReceivedRequest): string {
    return this.#with(path, request, (point) => {
      for (const property of this.#properties())
        this.#enqueue(point, { ...property, propertyOperation: 'Initialized' });
      return buildSetSynchronizationPoint();
    });
  }

  /** Answers at once when messages wait, else when one comes or the asked time is over. */
  async pull(path: string, request: ReceivedRequest): Promise<string> {
    const point = this.#find(path, request);
    if (point === undefined) return unknownSubscription();
    if (point.wake !== null) return buildFault(['s:Receiver', 'tev:UnableToGetMessagesFault'], 'another pull waits');
    const { timeoutMs, messageLimit } = parsePullMessagesRequest(request.body);
    const waitMs = Math.min(timeoutMs, PULL_MAX_MS);
    this.#extend(point, waitMs + DEFAULT_TERM_MS);
    if (point.queue.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = this.#clock.after(waitMs, resolve);
        point.wake = () => {
          timer.cancel();
          resolve();
        };
      });
      point.wake = null;
    }
    const messages = point.queue.splice(0, messageLimit);
    return buildPullMessages(messages, this.#clock.nowMs(), this.#wallEnd(point));
  }

  /** Ends every waiting pull. */
  stop(): void {
    for (const point of this.#points.values()) point.wake?.();
    this.#points.clear();
  }

  #enqueue(point: PullPoint, notification: NotificationToBuild): void {
    point.queue.push(notification);
    if (point.queue.length > QUEUE_MAX) point.queue.shift();
    point.wake?.();
  }

  #extend(point: PullPoint, termMs: number | null): void {
    const term = Math.min(Math.max(termMs ?? DEFAULT_TERM_MS, 10_000), TERM_MAX_MS);
    point.endsAtMs = Math.max(point.endsAtMs, this.#clock.monotonicMs() + term);
  }

  #wallEnd(point: PullPoint): number {
    return this.#clock.nowMs() + point.endsAtMs - this.#clock.monotonicMs();
  }

  #forgetEnded(): void {
    for (const point of this.#points.values()) {
      if (point.wake === null && point.endsAtMs < this.#clock.monotonicMs()) this.#points.delete(point.id);
    }
  }

  #find(path: string, request: ReceivedRequest): PullPoint | undefined {
    this.#forgetEnded();
    const id = (path.startsWith(SUBSCRIPTION_PATH) ? path : (request.to ?? '')).split('/').at(-1) ?? '';
    return this.#points.get(id);
  }

  #with(path: string, request: ReceivedRequest, act: (point: PullPoint) => string): string {
    const point = this.#find(path, request);
    return point === undefined ? unknownSubscription() : act(point);
  }
}

function unknownSubscription(): string {
  return buildFault(['s:Sender', 'wsrfr:ResourceUnknownFault'], 'no such subscription');
}
