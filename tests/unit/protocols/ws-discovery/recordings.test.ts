import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseDiscovery } from '../../../../protocols/ws-discovery/parse.ts';
import { corpusUnits, hasCorpus } from '../../../support/corpus.ts';

interface Expected {
  matches: { endpoint: string; types: string[]; xaddrs: string[]; scopes: string[] }[];
}

describe.skipIf(!hasCorpus)('answers of real devices to a probe', () => {
  for (const unit of corpusUnits('onvif-discovery')) {
    test(unit.name, () => {
      for (const [file, facts] of Object.entries(unit.expected as Record<string, unknown>)) {
        const message = parseDiscovery(readFileSync(join(unit.folder, file)));
        if (message?.kind !== 'probe-matches') throw new Error(`${file} was read as ${message?.kind}`);
        const { matches } = facts as Expected;
        expect(
          message.matches.map(({ endpoint, types, xaddrs, scopes }) => ({ endpoint, types, xaddrs, scopes })),
        ).toEqual(matches);
        expect(message.matches.every((match) => match.speaksOnvif)).toBe(true);
      }
    });
  }
});
