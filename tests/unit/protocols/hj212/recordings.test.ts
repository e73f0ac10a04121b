import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandOf } from '../../../../protocols/hj212/commands.ts';
import { FrameReader } from '../../../../protocols/hj212/frame-reader.ts';
import { parseSegment } from '../../../../protocols/hj212/segment.ts';
import { corpusUnits, hasCorpus } from '../../../support/corpus.ts';

interface Facts {
  declaredLength: number;
  actualLength: number;
  lengthValid: boolean;
  crc: string;
  crcValid: boolean;
  crcVariant: 'hj212' | 'modbus' | null;
  header: Record<string, string>;
  params?: Record<string, string>;
  pollutants?: Record<string, Record<string, string>>;
  cnMeaning?: string;
  needsAck?: boolean;
  version?: string;
}

/** Meanings that the recordings' reader words otherwise. */
const MEANINGS: Readonly<Record<string, string>> = {
  'request-ack': 'request-answer',
  'power-on/boot report': 'boot',
};

describe.skipIf(!hasCorpus)('frames of stations and of other implementations', () => {
  for (const unit of corpusUnits('hj212')) {
    for (const [file, facts] of Object.entries(unit.expected as Record<string, Facts>)) {
      test(`${unit.name}/${file}`, () => {
        const items = new FrameReader().push(readFileSync(join(unit.folder, file)));
        expect(items.map(({ kind }) => kind)).toEqual(['frame']);
        const [item] = items;
        if (item?.kind !== 'frame') throw new Error('no frame');
        const { segment, ...frame } = item.frame;
        expect(segment.length).toBe(facts.actualLength);
        expect(frame).toEqual({
          declaredLength: facts.declaredLength,
          lengthValid: facts.lengthValid,
          crc: facts.crc,
          crcVariant: facts.crcVariant,
        });
        expect(frame.crcVariant !== null).toBe(facts.crcValid);
        const read = parseSegment(segment);
        expect(read.header).toEqual(facts.header);
        expect(read.params).toEqual(facts.params ?? {});
        expect(read.factors).toEqual(facts.pollutants ?? {});
        if (facts.needsAck !== undefined) expect(read.wantsAnswer).toBe(facts.needsAck);
        expect(read.edition).toBe(facts.version ?? null);
        if (facts.cnMeaning !== undefined) {
          expect(commandOf(read.cn)).toBe(MEANINGS[facts.cnMeaning] ?? facts.cnMeaning);
        }
      });
    }
  }
});
