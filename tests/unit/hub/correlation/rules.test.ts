import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { EVENT_KIND_LIST, EVENT_KINDS } from '../../../../contract/event.ts';
import { loadRules, SHIPPED_RULES } from '../../../../hub/correlation/load-rules.ts';
import { report } from '../incidents/town.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rules-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function failureOf(text: string): SharpEyesError {
  writeFileSync(join(folder, 'rule.yaml'), text);
  try {
    loadRules(folder);
  } catch (error) {
    if (error instanceof SharpEyesError) return error;
    throw error;
  }
  throw new Error('the rule was accepted');
}

const GOOD = 'id: a\ntitle: { zh: 甲, en: A }\nstarts:\n  kinds: [fire]\n';

describe('shipped rules', () => {
  const rules = loadRules();

  test('each file holds the rule of its name', () => {
    for (const name of readdirSync(SHIPPED_RULES)) {
      expect(rules.rule(name.replace('.yaml', '')), name).toBeDefined();
    }
  });

  test('every kind whose usual priority is 1 or 2 starts an incident', () => {
    const urgent = EVENT_KIND_LIST.filter((kind) => EVENT_KINDS[kind].priority <= 2);
    for (const kind of urgent) expect(rules.starting(report(0, 'x', kind)), kind).toBeDefined();
  });

  test('routine does not', () => {
    const routine = EVENT_KIND_LIST.filter((kind) => EVENT_KINDS[kind].priority === 4);
    for (const kind of routine) expect(rules.starting(report(0, 'x', kind)), kind).toBeUndefined();
  });
});

describe('a wrong rule is refused with file, line and what would be right', () => {
  test.each([
    ['a misspelled kind', GOOD.replace('fire', 'fier'), 4, 'fire'],
    ['an unknown field', `${GOOD}prioritty: 1\n`, 5, 'priority'],
    ['a window of no time', `${GOOD}joins:\n  - { kinds: [motion], where: linked, windowSeconds: 0 }\n`, 6, ''],
    ['an unknown tie', `${GOOD}joins:\n  - { kinds: [motion], where: linkd, windowSeconds: 5 }\n`, 6, 'linked'],
    ['no title', 'id: a\nstarts:\n  kinds: [fire]\n', 1, 'title'],
    ['no YAML', 'id: [a\n', 2, ''],
  ])('%s', (_, text, line, hint) => {
    const error = failureOf(text);
    expect(error.code).toBe('RULES_INVALID');
    expect(error.message).toContain(`${join(folder, 'rule.yaml')}:${line}:`);
    expect(error.message).toContain(hint);
  });

  test('two rules with one id', () => {
    writeFileSync(join(folder, 'another.yaml'), GOOD);
    expect(failureOf(GOOD).code).toBe('RULES_INVALID');
  });

  test('a folder that is not there', () => {
    expect(() => loadRules(join(folder, 'nowhere'))).toThrow(SharpEyesError);
  });
});
