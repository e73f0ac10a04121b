import type { IngestContext } from './ports.ts';
import type { CheckedBatch, Gain, Turn } from './turn.ts';

/**
 * Second stage: lets through what is new. Every lane of every epoch is a sequence without holes that starts at 1:
 *
 *     highest = last complete number
 *     batch [first … last]     last <= highest         known: nothing is taken, the acknowledgement is repeated
 *                              first <= highest < last overlap: the known beginning is cut off
 *                              first == highest + 1    next: taken whole
 *                              first >  highest + 1    hole: nothing is taken, the acknowledgement asks again
 *
 * An unknown epoch has highest 0, so its first batch has to start at 1. Numbers of different epochs never meet.
 */
export async function deduplicate(turn: Turn, context: IngestContext): Promise<void> {
  for (const batch of turn.batches) {
    turn.epochs.add(batch.epoch);
    const gain = turn.gains.get(batch.epoch) ?? (await startOf(turn, batch.epoch, context));
    const before = gain.highest;
    take(turn, batch, gain, context);
    if (gain.highest > before) turn.gains.set(batch.epoch, gain);
  }
}

async function startOf(turn: Turn, epoch: string, { marks }: IngestContext): Promise<Gain> {
  const known = await marks.of(turn.edgeId, epoch);
  return { epoch, highest: known[turn.lane], events: [] };
}

function take(turn: Turn, batch: CheckedBatch, gain: Gain, { counts, clock }: IngestContext): void {
  if (batch.first > gain.highest + 1) {
    counts.gaps++;
    return;
  }
  const known = Math.min(gain.highest + 1 - batch.first, batch.events.length);
  counts.repeated += known;
  for (const [index, checked] of batch.events.entries()) {
    if (index < known) continue;
    const sequence = batch.first + index;
    if (checked.ok) {
      gain.events.push({ sequence, event: checked.event });
    } else {
      counts.malformed++;
      const { edgeId, lane } = turn;
      const { reason, raw } = checked;
      turn.setAside.push({ edgeId, from: `events/${lane} ${sequence}`, atMs: clock.nowMs(), reason, raw });
    }
    gain.highest = sequence;
  }
}
