import { join } from 'node:path';
import { mapRaw } from '../../edge/profiles/map-raw.ts';
import type { DeviceProfile } from '../../edge/profiles/schema.ts';
import { parseNotifications } from '../../protocols/onvif/parse-events.ts';
import { parseXml } from '../../protocols/soap/xml.ts';
import type { CorpusUnit } from '../support/corpus.ts';

/**
 * What the reader of the recordings calls a report, and the kind it is here; the others are nobody's alarm. What it gives
 * no name is not judged.
 */
const KINDS: Readonly<Record<string, string>> = {
  motion: 'motion',
  person: 'motion',
  vehicle: 'motion',
  animal: 'motion',
  tamper: 'tamper',
  'digital-input': 'digital-input',
  'line-crossing': 'line.crossed',
  loitering: 'intrusion',
};

interface Facts {
  line?: number;
  events?: { kind?: string; active?: boolean | 'pulse' }[];
  exchanges?: Facts[];
}

/** A recorded notification, what a profile makes of it, and what it is. */
export interface JudgedEvent {
  topic: string;
  found: string[];
  wanted: string[];
  isRight: boolean;
}

/** Judges every notification of a unit of the corpus that its reader gave a meaning. */
export function judgedEvents(unit: CorpusUnit, profile: DeviceProfile, read: (file: string) => string): JudgedEvent[] {
  return Object.entries(unit.expected as Record<string, Facts>).flatMap(([file, facts]) => {
    const text = read(join(unit.folder, file));
    if (facts.exchanges === undefined) return judged(text, facts, profile);
    const lines = text.split('\n');
    return facts.exchanges.flatMap((exchange) => {
      if (exchange.events === undefined) return [];
      const { response } = JSON.parse(lines[(exchange.line ?? 1) - 1] ?? '{}') as { response: string };
      return judged(response, exchange, profile);
    });
  });
}

function judged(source: string, facts: Facts, profile: DeviceProfile): JudgedEvent[] {
  const { events } = facts;
  if (events === undefined) return [];
  return parseNotifications(parseXml(source)).flatMap((notification, index) => {
    const expected = events[index];
    if (expected?.kind === undefined) return [];
    const kind = KINDS[expected.kind];
    const state = expected.active === 'pulse' ? 'pulse' : expected.active === true ? 'active' : 'cleared';
    const wanted = kind === undefined ? [] : [`${kind} ${state}`];
    const mapped = mapRaw(profile, { ...notification, operation: notification.propertyOperation }).events;
    const found = mapped.map((event) => `${event.kind} ${event.state}`);
    return [{ topic: notification.topic, found, wanted, isRight: found.join() === wanted.join() }];
  });
}
