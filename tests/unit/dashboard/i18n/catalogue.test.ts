import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { en } from '../../../../dashboard/src/i18n/en/catalogue.ts';
import { zh } from '../../../../dashboard/src/i18n/zh/catalogue.ts';

const SOURCES = join(import.meta.dirname, '../../../../dashboard/src');

function flatten(tree: object, prefix = ''): Map<string, string> {
  const result = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof value === 'string') result.set(path, value);
    else for (const [inner, text] of flatten(value as object, path)) result.set(inner, text);
  }
  return result;
}

function code(): string {
  const names = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => /\.tsx?$/.test(name) && !/^i18n[\\/](en|zh)[\\/]/.test(name))
    .map((name) => readFileSync(join(SOURCES, name), 'utf8'))
    .join('\n');
}

const english = flatten(en);
const chinese = flatten(zh);
const placeholders = (text: string): string[] => [...text.matchAll(/{{(\w+)}}/g)].map((match) => match[1] ?? '').sort();

describe('catalogues', () => {
  it('have the same keys in both languages', () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it('leave no text empty', () => {
    // A region that a rule does not name is left out of the Chinese sentence.
    const allowed = new Set(['incidents.reason.theRegion']);
    const empty = [...english, ...chinese].filter(([key, text]) => text.trim() === '' && !allowed.has(key));
    expect(empty).toEqual([]);
  });

  it('fill the same placeholders in both languages', () => {
    const different = [...english].filter(
      ([key, text]) => placeholders(text).join() !== placeholders(chinese.get(key) ?? '').join(),
    );
    expect(different.map(([key]) => key)).toEqual([]);
  });

  it('write Chinese with Chinese punctuation', () => {
    const halfWidth = [...chinese].filter(([, text]) => /[\u3400-\u9fff][,:;?!]|[,:;?!][\u3400-\u9fff]/.test(text));
    expect(halfWidth).toEqual([]);
  });

  it('hold no key that nothing uses, and miss none that is used', () => {
    const source = code();
    const literal = new Set([...source.matchAll(/['"`]([a-z]\w*(?:\.[\w-]+)+)['"`]/gi)].map((match) => match[1] ?? ''));
    const prefixes = [...source.matchAll(/[`']([a-z]\w*(?:\.[\w-]+)*\.[\w-]*)\$\{/gi)].map((match) => match[1] ?? '');
    const bare = (key: string): string => key.replace(/_(one|other)$/, '');
    const used = (key: string): boolean =>
      literal.has(bare(key)) || prefixes.some((prefix) => prefix !== '' && key.startsWith(prefix));
    expect([...english.keys()].filter((key) => !used(key))).toEqual([]);

    const known = new Set([...english.keys()].map(bare));
    const areas = new Set(Object.keys(en));
    const asked = [...source.matchAll(/\bt\(\s*['"]([\w.-]+)['"]/g)].map((match) => match[1] ?? '');
    const missing = asked.filter((key) => areas.has(key.split('.')[0] ?? '') && !known.has(key));
    expect(missing).toEqual([]);
    expect(asked.length).toBeGreaterThan(200);
  });
});
