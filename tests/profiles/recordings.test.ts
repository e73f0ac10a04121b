import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadProfiles } from '../../edge/profiles/load.ts';
import { corpusUnits, hasCorpus } from '../support/corpus.ts';
import { judgedEvents } from './recorded-events.ts';

const catalog = loadProfiles(join(import.meta.dirname, '..', '..', 'device-profiles'));

describe.skipIf(!hasCorpus)('recorded notifications mapped by the profile of their maker', () => {
  for (const unit of corpusUnits('onvif-events')) {
    test(unit.name, () => {
      const maker = unit.name.split('/')[1] ?? '';
      const profile = catalog.suggest('onvif', 'camera', { manufacturer: maker, model: null });
      if (profile === null) throw new Error('not even the generic profile fits a camera');
      const judged = judgedEvents(unit, profile, (file) => readFileSync(file, 'utf8'));
      for (const { topic, found, wanted } of judged) expect(found, topic).toEqual(wanted);
    });
  }
});
