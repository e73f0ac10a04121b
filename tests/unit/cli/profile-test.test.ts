import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runProfileTest } from '../../../cli/profile-test.ts';

const PROFILE = `
id: acme/gauge
title: Acme gauge
titleZh: Acme 水位计
driver: mqtt-device
type: sensor
extends: generic/mqtt-water-level
events:
  - id: opened
    when: { payload.lid: { present: true } }
    kind: tamper
    state: { at: payload.lid, active: [open], cleared: [shut] }
samples:
  - description: the lid is open
    raw: { topic: state, payload: { lid: open } }
    events: [{ rule: opened, kind: tamper, state: active }]
`;

let folder = '';
let said: string[] = [];
const io = { out: (line: string) => void said.push(line), err: (line: string) => void said.push(line) };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'profile-test-'));
  said = [];
});

afterEach(() => rmSync(folder, { recursive: true }));

function run(text: string): Promise<number> {
  const file = join(folder, 'gauge.yaml');
  writeFileSync(file, text);
  return runProfileTest(file, io);
}

test('a profile whose samples are right, extending one of ours', async () => {
  expect(await run(PROFILE)).toBe(0);
  expect(said).toEqual(['right  the lid is open', 'acme/gauge: 1 of 1 samples are right']);
});

test('a sample that is wrong is shown as it should be and as it is', async () => {
  expect(await run(PROFILE.replace('state: active }]', 'state: cleared }]'))).toBe(1);
  expect(said[0]).toBe('WRONG  the lid is open');
  expect(said[1]).toContain('"state":"cleared"');
  expect(said[2]).toContain('"state":"active"');
});

test('a rule without a sample is named', async () => {
  const more = PROFILE.replace(
    'events:\n',
    'events:\n  - { id: fell, when: { payload.fell: true }, kind: tamper, state: pulse }\n',
  );
  expect(await run(more)).toBe(1);
  expect(said).toContain('without a sample: fell');
});

test.each([
  ['no YAML', ': : :'],
  ['a kind that there is not', PROFILE.replace('kind: tamper', 'kind: lid')],
  ['a base that there is not', PROFILE.replace('generic/mqtt-water-level', 'generic/none')],
])('%s: 2, and a sentence', async (_what, text) => {
  expect(await run(text)).toBe(2);
  expect(said.join('\n')).not.toBe('');
});

test('no such file: 2', async () => {
  expect(await runProfileTest(join(folder, 'none.yaml'), io)).toBe(2);
});
