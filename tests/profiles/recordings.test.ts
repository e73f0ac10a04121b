import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadProfiles } from '../../edge/profiles/load.ts';
import { mapRaw } from '../../edge/profiles/map-raw.ts';
import { parseNotifications } from '../../protocols/onvif/parse-events.ts';
import { parseXml } from '../../protocols/soap/xml.ts';
import { corpusUnits, hasCorpus } from '../support/corpus.ts';

const catalog = loadProfiles(join(import.meta.dirname, '..', '..', 'device-profiles'));

/** What the reader of the recordings calls a report, and the kind it is here; the others are nobody's alarm. What it gives
 * no name is not judged. */
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

function expectMapped(source: string, facts: Facts, maker: string): void {
  const profile = catalog.suggest('onvif', 'camera', { manufacturer: maker, model: null });
  if (profile === null || facts.events === undefined) return;
  parseNotifications(parseXml(source)).forEach((notification, index) => {
    const expected = facts.events?.[index];
    if (expected?.kind === undefined) return;
    const wanted = KINDS[expected.kind];
    const found = mapRaw(profile, { ...notification, operation: notification.propertyOperation }).events;
    const state = expected.active === 'pulse' ? 'pulse' : expected.active === true ? 'active' : 'cleared';
    expect(
      found.map((event) => [event.kind, event.state]),
      notification.topic,
    ).toEqual(wanted === undefined ? [] : [[wanted, state]]);
  });
}

describe.skipIf(!hasCorpus)('recorded notifications mapped by the profile of their maker', () => {
  for (const unit of corpusUnits('onvif-events')) {
    test(unit.name, () => {
      const maker = unit.name.split('/')[1] ?? '';
      for (const [file, facts] of Object.entries(unit.expected as Record<string, Facts>)) {
        const text = readFileSync(join(unit.folder, file), 'utf8');
        if (facts.exchanges === undefined) expectMapped(text, facts, maker);
        const lines = text.split('\n');
        for (const exchange of facts.exchanges ?? []) {
          if (exchange.events === undefined) continue;
          const { response } = JSON.parse(lines[(exchange.line ?? 1) - 1] ?? '{}') as { response: string };
          expectMapped(response, exchange, maker);
        }
      }
    });
  }
});
