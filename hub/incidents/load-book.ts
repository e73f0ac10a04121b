import type { Lane } from '../../contract/event.ts';
import type { Clock } from '../../platform/clock.ts';
import type { CorrelationStore, Membership } from './correlation-store.ts';
import { type BookOptions, IncidentBook } from './incident-book.ts';

/** Open incidents that events can join; older ones that nobody closed stay open, but nothing joins them any more. */
const OPEN_MAX = 20_000;
const LOOSE_MAX = 5000;

/** Reads everything that linking has to remember. */
export async function loadBook(
  store: CorrelationStore,
  options: BookOptions & { clock: Clock },
): Promise<{ book: IncidentBook; marks: Record<Lane, number> }> {
  const { places, rules, clock } = options;
  const marks = await store.marks();
  const book = new IncidentBook(options, await store.lastNumber());
  const records = await store.openIncidents(OPEN_MAX);
  const members = new Map<string, Membership[]>(records.map(({ incidentId }) => [incidentId, []]));
  if (records.length > 0) {
    for await (const page of store.memberships()) {
      for (const membership of page) members.get(membership.incidentId)?.push(membership);
    }
  }
  for (const record of records) book.restore(record, members.get(record.incidentId) ?? []);
  const sinceMs = clock.nowMs() - rules.maxWindowMs;
  for (const stored of await store.looseEvents(sinceMs, LOOSE_MAX, marks)) {
    book.restoreLoose({ ...stored, place: places.ofEvent(stored.edgeId, stored.event.deviceId) });
  }
  return { book, marks };
}
