import { messageOf } from '../../contract/errors.ts';
import type { Sample } from '../../contract/event.ts';
import { SampleBatch } from '../../contract/topics.ts';
import type { Ingest } from './ingest.ts';
import type { IngestContext } from './ports.ts';
import { beginningOf, compiled, faultOf, readJson } from './validate.ts';

const WAITING_MAX_SAMPLES = 50_000;
const SAMPLES_PER_WRITE = 2000;

const sampleBatch = compiled(SampleBatch);

/** Takes sensor samples. They are routine: when too many wait, new ones are dropped and counted. */
export class Telemetry {
  readonly #ingest: Ingest;
  readonly #context: Pick<IngestContext, 'store' | 'log'>;
  #waiting: { edgeId: string; samples: Sample[] }[] = [];
  #waitingSamples = 0;
  #running: Promise<void> | null = null;
  /** Samples stored and dropped since the start. */
  readonly counts = { samples: 0, samplesDropped: 0 };

  constructor(ingest: Ingest, context: Pick<IngestContext, 'store' | 'log'>) {
    this.#ingest = ingest;
    this.#context = context;
  }

  /** A batch arrived. Never throws. */
  receive(edgeId: string, payload: Uint8Array): void {
    const read = readJson(payload);
    if ('reason' in read || !sampleBatch.Check(read.value)) {
      const reason = 'reason' in read ? read.reason : faultOf(sampleBatch, read.value);
      void this.#ingest.setAside({ edgeId, from: 'telemetry', reason, raw: beginningOf(payload) });
      return;
    }
    const { samples } = read.value;
    if (this.#waitingSamples + samples.length > WAITING_MAX_SAMPLES) {
      this.counts.samplesDropped += samples.length;
      return;
    }
    this.#waiting.push({ edgeId, samples });
    this.#waitingSamples += samples.length;
    this.#running ??= this.#drain();
  }

  /** Waits until everything that was accepted is stored. */
  async stop(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next === undefined) {
        // Here and not in a callback: a batch that arrives right after must find nobody running.
        this.#running = null;
        return;
      }
      const samples = [...next.samples];
      while (samples.length < SAMPLES_PER_WRITE && this.#waiting[0]?.edgeId === next.edgeId) {
        samples.push(...(this.#waiting.shift()?.samples ?? []));
      }
      this.#waitingSamples -= samples.length;
      await this.#write(next.edgeId, samples);
    }
  }

  async #write(edgeId: string, samples: Sample[]): Promise<void> {
    const { store, log } = this.#context;
    try {
      await store.addSamples(samples);
      this.counts.samples += samples.length;
    } catch (error) {
      this.counts.samplesDropped += samples.length;
      log.warn({ edgeId, reason: messageOf(error) }, 'sensor samples not stored');
    }
  }
}
