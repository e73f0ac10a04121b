import { messageOf } from '../../contract/errors.ts';
import type { IngestContext } from './ports.ts';
import type { Turn } from './turn.ts';

/** Fourth stage: tells the edge how far the hub is, for every epoch that the turn touched. */
export async function acknowledge(turn: Turn, context: IngestContext): Promise<void> {
  for (const epoch of turn.epochs) await sendAcks(turn.edgeId, epoch, context);
}

/** Says how far the hub is with an epoch: after a commit, after a hole, and as a greeting. Never throws. */
export async function sendAcks(edgeId: string, epoch: string, context: IngestContext): Promise<void> {
  try {
    await context.sendAcks(edgeId, { epoch, lanes: await context.marks.of(edgeId, epoch) });
  } catch (error) {
    context.counts.acksFailed++;
    context.log.warn({ edgeId, epoch, reason: messageOf(error) }, 'acknowledgement not sent; the next one repairs it');
  }
}
