import { describe, expect, test } from 'vitest';
import { layerOf, SOURCES } from './sources.ts';

const LINES_MAX = 400;

/** Lines of the sources that match, as `file:line`. Comments do not count. */
function lines(pattern: RegExp, isMeant: (path: string) => boolean = () => true): string[] {
  return SOURCES.filter(({ path }) => isMeant(path)).flatMap((source) =>
    source.lines.flatMap((line, index) => {
      const code = line.replace(/^\s*(\*|\/\*|\/\/).*$/, '').replace(/'(?:[^'\\]|\\.)*'|`[^`]*`|"[^"]*"/g, "''");
      return pattern.test(code) ? [`${source.path}:${index + 1}`] : [];
    }),
  );
}

describe('style', () => {
  test(`no file is longer than ${LINES_MAX} lines`, () => {
    const long = SOURCES.filter((source) => source.lines.length - 1 > LINES_MAX);
    expect(long.map((source) => `${source.path}: ${source.lines.length - 1}`)).toEqual([]);
  });

  test('nothing is typed any', () => {
    expect(lines(/(:|\bas|<)\s*any\b(?!\s*:)|,\s*any\s*>/)).toEqual([]);
  });

  test('no comment silences the compiler or leaves work behind', () => {
    const silencing = SOURCES.flatMap(({ path, lines: all }) =>
      all.flatMap((line, index) =>
        /@ts-(ignore|expect-error|nocheck)|\b(TODO|FIXME|XXX)\b/.test(line) ? [`${path}:${index + 1}`] : [],
      ),
    );
    expect(silencing).toEqual([]);
  });

  test('time comes from a Clock: only platform/clock.ts asks the machine', () => {
    const isMeant = (path: string): boolean =>
      path !== 'platform/clock.ts' && !['dashboard', 'cli', 'bench'].includes(layerOf(path));
    expect(lines(/\bDate\.now\(|\bnew Date\(\)/, isMeant)).toEqual([]);
  });

  test('no file only passes on what others export', () => {
    const barrels = SOURCES.filter(({ text }) => {
      const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
      const statements = code.split(';').filter((statement) => statement.trim() !== '');
      return statements.length > 0 && statements.every((statement) => /^\s*export\s[^=]*\sfrom\s/.test(statement));
    });
    expect(barrels.map(({ path }) => path)).toEqual([]);
  });

  test('everything that the contract exports says what it means', () => {
    const undocumented = SOURCES.filter(({ path }) => layerOf(path) === 'contract').flatMap(({ path, lines: all }) =>
      all.flatMap((line, index) => {
        if (!/^export (async )?(const|function|class|type|interface)\b/.test(line)) return [];
        return (all[index - 1] ?? '').trimEnd().endsWith('*/') ? [] : [`${path}:${index + 1}`];
      }),
    );
    expect(undocumented).toEqual([]);
  });
});
