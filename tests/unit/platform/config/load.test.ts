import fc from 'fast-check';
import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { checkConfigText, configProblems, loadConfig, problemText } from '../../../../platform/config/load.ts';
import { schemaToJson, section } from '../../../../platform/config/section.ts';

const schema = section({
  data: Type.String({ minLength: 1 }),
  recording: section({
    segmentSeconds: Type.Integer({ minimum: 2, maximum: 60, default: 10 }),
    streams: Type.Union([Type.Literal('sub'), Type.Literal('main'), Type.Literal('both')], { default: 'main' }),
  }),
  accounts: Type.Array(
    Type.Object({ account: Type.String(), device: Type.String() }, { additionalProperties: false }),
    {
      default: [],
    },
  ),
});

function firstProblem(text: string): string {
  const [problem] = configProblems(text, 'edge.yaml', schema).problems;
  return problem === undefined ? 'none' : problemText(problem);
}

describe('checkConfigText', () => {
  test('fills in defaults, also of sections that are absent or empty', () => {
    const expected = { data: '/d', recording: { segmentSeconds: 10, streams: 'main' }, accounts: [] };
    expect(checkConfigText('data: /d', 'edge.yaml', schema)).toEqual(expected);
    expect(checkConfigText('data: /d\nrecording:\n', 'edge.yaml', schema)).toEqual(expected);
  });

  test('names line, column and the nearest right name of an unknown name', () => {
    const text = 'data: /d\nrecording:\n  segmentSecond: 5\n';
    expect(firstProblem(text)).toBe(
      'edge.yaml:3:3: recording.segmentSecond: unknown name; did you mean "segmentSeconds"?; allowed: segmentSeconds, streams',
    );
  });

  test('lists the allowed values of a choice', () => {
    expect(firstProblem('data: /d\nrecording:\n  streams: mian\n')).toBe(
      'edge.yaml:3:12: recording.streams: "mian" is not allowed here; did you mean "main"?; allowed: sub, main, both',
    );
  });

  test('points at the entry of a list', () => {
    const text = 'data: /d\naccounts:\n  - account: "1"\n    device: a\n  - account: "2"\n    devise: b\n';
    const problems = configProblems(text, 'edge.yaml', schema).problems.map(problemText);
    expect(problems).toEqual([
      'edge.yaml:6:5: accounts[1].devise: unknown name; did you mean "device"?; allowed: account, device',
      'edge.yaml:5:5: accounts[1]: "device" is missing',
    ]);
  });

  test('says which kind of value is expected', () => {
    expect(firstProblem('data: /d\nrecording:\n  segmentSeconds: ten\n')).toBe(
      'edge.yaml:3:19: recording.segmentSeconds: must be an integer, not "ten"',
    );
    expect(firstProblem('data: /d\nrecording:\n  segmentSeconds: 1\n')).toContain('must be >= 2');
  });

  test('reports what is no YAML with its line', () => {
    expect(firstProblem('data: /d\nrecording: [1,\n')).toMatch(/^edge\.yaml:\d+:\d+: /);
    expect(firstProblem('data: /d\ndata: /e\n')).toMatch(/^edge\.yaml:2:1: /);
  });

  test('throws CONFIG_INVALID with the first fault as context', () => {
    const act = (): unknown => checkConfigText('dta: /d', 'edge.yaml', schema);
    expect(act).toThrow(SharpEyesError);
    try {
      act();
    } catch (error) {
      expect(error).toMatchObject({ code: 'CONFIG_INVALID', context: { line: 1, column: 1, nearest: 'data' } });
    }
  });

  test('a file that is not there is CONFIG_MISSING', () => {
    expect(() => loadConfig('/nowhere/edge.yaml', schema)).toThrow(
      expect.objectContaining({ code: 'CONFIG_MISSING' }) as Error,
    );
  });

  test('survives any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 300 }), fc.json()), (text) => {
        for (const problem of configProblems(text, 'f', schema).problems) expect(problem.line).toBeGreaterThan(0);
      }),
    );
  });

  test('aliases cannot blow a small file up', () => {
    let bomb = 'a0: &a0 [x]\n';
    for (let i = 1; i < 12; i++) bomb += `a${i}: &a${i} [${`*a${i - 1},`.repeat(9)}]\n`;
    expect(configProblems(bomb, 'f', schema).problems.length).toBeGreaterThan(0);
  });
});

test('the published schema asks only for what has no default', () => {
  expect(schemaToJson(schema, { id: 'urn:x', title: 'X' })).toMatchObject({
    $id: 'urn:x',
    required: ['data'],
    properties: { recording: { properties: { segmentSeconds: { default: 10 } } } },
  });
});
