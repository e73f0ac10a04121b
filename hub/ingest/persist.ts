import { LATE_AFTER_MS } from '../../contract/event.ts';
import type { IngestContext } from './ports.ts';
import type { Turn } from './turn.ts';

/**
 * Third stage: events, marks and what was set aside go to the disk in one transaction. Only afterwards does anything
 * else hear of them. When it fails nothing is acknowledged, and the edge sends the same again.
 */
export async function persist(turn: Turn, { store, marks, clock, counts }: IngestContext): Promise<void> {
  const { edgeId, lane } = turn;
  const gains = [...turn.gains.values()];
  if (gains.length === 0) {
    if (turn.setAside.length > 0) await store.setAside(turn.setAside);
    return;
  }
  const hubAtMs = clock.nowMs();
  await store.commit({ edgeId, lane, hubAtMs, gains, setAside: turn.setAside });
  for (const gain of gains) {
    await marks.advance(edgeId, gain.epoch, lane, gain.highest);
    counts.events += gain.events.length;
    for (const { event } of gain.events) {
      turn.committed.push({ ...event, edgeId, hubAtMs, late: hubAtMs - event.edgeAtMs > LATE_AFTER_MS });
    }
  }
}
