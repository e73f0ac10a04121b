import type { EdgeEvent, Sample } from '../../contract/event.ts';
import type { NewEvent, ReportPart } from '../../edge/profiles/report-identity.ts';
import type { EventSink, SampleSink } from '../../edge/profiles/reporter.ts';

/** Stands for the outbox: keeps what is committed, can be held up and can fail. */
export class MemorySink implements EventSink, SampleSink {
  readonly events: EdgeEvent[] = [];
  readonly samples: Sample[] = [];
  /** Of which report each committed event is; undefined for protocols that repeat nothing. */
  readonly parts: (ReportPart | undefined)[] = [];
  /** Commits that began, finished or not. */
  begun = 0;
  /** When set, every commit fails with it. */
  failure: Error | null = null;
  #gate: Promise<void> = Promise.resolve();

  /** Commits wait until the returned function is called. */
  hold(): () => void {
    let release: () => void = () => undefined;
    this.#gate = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  async commitAll(events: readonly NewEvent[]): Promise<void> {
    this.begun += 1;
    await this.#gate;
    if (this.failure !== null) throw this.failure;
    for (const { event, part } of events) {
      this.events.push(event);
      this.parts.push(part);
    }
  }

  add(sample: Sample): void {
    this.samples.push(sample);
  }

  /** `kind state source` of every committed event. */
  get told(): string[] {
    return this.events.map(({ kind, state, source }) => [kind, state, source].filter(Boolean).join(' '));
  }
}
