import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadProfiles } from '../../edge/profiles/load.ts';
import type { DeviceProfile } from '../../edge/profiles/schema.ts';
import { type CorpusUnit, corpusUnits, hasCorpus } from '../support/corpus.ts';
import { judgedEvents } from './recorded-events.ts';

const catalog = loadProfiles(join(import.meta.dirname, '..', '..', 'device-profiles'));
const GENERIC = catalog.get('generic/onvif-camera');
/** Of the facts of a maker whose profile is not there. */
const LEAST = 0.8;

function right(units: readonly CorpusUnit[], profile: DeviceProfile): { right: number; all: number; wrong: string[] } {
  const judged = units.flatMap((unit) => judgedEvents(unit, profile, (file) => readFileSync(file, 'utf8')));
  const wrong = judged.filter(({ isRight }) => !isRight).map(({ topic }) => topic);
  return { right: judged.length - wrong.length, all: judged.length, wrong };
}

describe.skipIf(!hasCorpus)('a maker whose profile is not there', () => {
  const units = corpusUnits('onvif-events');
  const makers = [...new Set(units.map(({ name }) => name.split('/')[1] ?? ''))];
  for (const maker of makers) {
    test(`${maker}: the generic profile says what at least four in five reports mean`, () => {
      const result = right(
        units.filter(({ name }) => name.split('/')[1] === maker),
        GENERIC,
      );
      expect(result.right, result.wrong.join('\n')).toBeGreaterThanOrEqual(result.all * LEAST);
    });
  }
});
