import type { IngestContext } from './ports.ts';
import type { Turn } from './turn.ts';

/** Last stage: hands on what is committed, to correlation and to whoever listens. */
export function publish(turn: Turn, context: IngestContext): void {
  if (turn.committed.length > 0) context.publish(turn.lane, turn.committed);
}
