import { messageOf } from '../../contract/errors.ts';
import { type EdgeEvent, EVENT_KINDS, type EventKind } from '../../contract/event.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';

/** What the edge itself has to report. */
export interface OwnReport {
  deviceId: string;
  kind: EventKind;
  state: EdgeEvent['state'];
  data: EdgeEvent['data'];
}

/** Commits an event of the edge's own; a failure is logged, because nobody could repeat the report. */
export function ownReporter(parts: {
  commit(event: EdgeEvent): Promise<void>;
  newId(): string;
  clock: Clock;
  log: Log;
}): (report: OwnReport) => void {
  return ({ deviceId, kind, state, data }) => {
    const { priority } = EVENT_KINDS[kind];
    const edgeAtMs = parts.clock.nowMs();
    parts
      .commit({ id: parts.newId(), deviceId, kind, state, priority, deviceAtMs: null, edgeAtMs, data })
      .catch((error) => parts.log.error({ deviceId, kind }, `event not stored: ${messageOf(error)}`));
  };
}
