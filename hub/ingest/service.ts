import { messageOf } from '../../contract/errors.ts';
import type { HubEvent, Lane } from '../../contract/event.ts';
import { EdgeStatus, parseTopic, topics } from '../../contract/topics.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { EdgeLink } from '../broker/link.ts';
import type { Counts } from './counts.ts';
import { Ingest } from './ingest.ts';
import type { SampleRetention, SqlEventStore } from './sql-event-store.ts';
import { Telemetry } from './telemetry.ts';
import { beginningOf, compiled, faultOf, readJson } from './validate.ts';

/** What the service is built from. */
export interface IngestServiceOptions {
  link: Pick<EdgeLink, 'publish' | 'onMessage'>;
  store: SqlEventStore;
  clock: Clock;
  log: Log;
  samples: SampleRetention;
}

const SWEEP_EVERY_MS = 10 * 60_000;
const edgeStatus = compiled(EdgeStatus);

/** Ingest at work: takes what edges publish, acknowledges, and hands committed events to its listeners. */
export class IngestService {
  readonly #options: IngestServiceOptions;
  readonly #ingest: Ingest;
  readonly #telemetry: Telemetry;
  readonly #listeners: ((lane: Lane, events: readonly HubEvent[]) => void)[] = [];
  #sweeper: TimerHandle | null = null;
  #sweeping: Promise<void> | null = null;
  #unlisten: (() => void) | null = null;

  constructor(options: IngestServiceOptions) {
    this.#options = options;
    const { store, clock, log, link } = options;
    this.#ingest = new Ingest({
      store,
      clock,
      log,
      sendAcks: (edgeId, acks) => link.publish(topics.acks(edgeId), JSON.stringify(acks), { qos: 1 }),
      publish: (lane, events) => {
        for (const listener of this.#listeners) listener(lane, events);
      },
    });
    this.#telemetry = new Telemetry(this.#ingest, { store, log });
  }

  /** Calls the listener after each commit. It must neither throw nor wait. Register before `start`. */
  onCommitted(listener: (lane: Lane, events: readonly HubEvent[]) => void): void {
    this.#listeners.push(listener);
  }

  /** Listens on the link and begins the retention of samples. */
  start(): void {
    const { link, clock } = this.#options;
    this.#unlisten = link.onMessage((topic, payload) => this.#receive(topic, payload));
    this.#ingest.start();
    this.#sweeper = clock.every(SWEEP_EVERY_MS, () => {
      this.#sweeping ??= this.#sweep().finally(() => {
        this.#sweeping = null;
      });
    });
  }

  /** Stops taking messages and waits until everything accepted is stored. */
  async stop(): Promise<void> {
    this.#unlisten?.();
    this.#unlisten = null;
    this.#sweeper?.cancel();
    await this.#ingest.stop();
    await this.#telemetry.stop();
    await this.#sweeping;
  }

  /** Counters since the start. */
  counts(): Counts & { samples: number; samplesDropped: number } {
    return { ...this.#ingest.counts, ...this.#telemetry.counts };
  }

  #receive(topic: string, payload: Uint8Array): void {
    const parsed = parseTopic(topic);
    if (parsed === null) return;
    if (parsed.kind === 'events') this.#ingest.receive(parsed.edgeId, parsed.lane, payload);
    else if (parsed.kind === 'telemetry') this.#telemetry.receive(parsed.edgeId, payload);
    else if (parsed.kind === 'status') this.#status(parsed.edgeId, payload);
  }

  #status(edgeId: string, payload: Uint8Array): void {
    const read = readJson(payload);
    if ('reason' in read || !edgeStatus.Check(read.value)) {
      const reason = 'reason' in read ? read.reason : faultOf(edgeStatus, read.value);
      void this.#ingest.setAside({ edgeId, from: 'status', reason, raw: beginningOf(payload) });
      return;
    }
    if (read.value.online) void this.#ingest.greet(edgeId, read.value.epoch);
  }

  async #sweep(): Promise<void> {
    const { store, samples, clock, log } = this.#options;
    try {
      while (this.#unlisten !== null && (await store.sweepSamples(clock.nowMs(), samples)))
        log.debug({}, 'samples swept');
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'old sensor samples could not be removed');
    }
  }
}
