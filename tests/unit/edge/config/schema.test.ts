import { Default } from 'typebox/value';
import { expect, test } from 'vitest';
import { EdgeConfig } from '../../../../edge/config/schema.ts';
import { checkConfigText, configProblems, problemText } from '../../../../platform/config/load.ts';

test('an empty file is a working configuration that reaches private networks only', () => {
  const config = checkConfigText('', 'edge.yaml', EdgeConfig);
  expect(config.network).toEqual({ allowed: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'], loopback: false });
  expect(config.recording).toMatchObject({ segmentSeconds: 10, streams: 'main' });
  expect(config.dc09.enabled).toBe(false);
  expect(config).toEqual(Default(EdgeConfig, {}));
});

test.each([
  ['network:\n  allowed: [10.0.0.0]\n', 'edge.yaml:2:13: network.allowed[0]'],
  ['dc09:\n  accounts:\n    - account: XYZ\n', 'edge.yaml:3:16: dc09.accounts[0].account'],
  ['recording:\n  streams: all\n', 'allowed: main, sub, both'],
  ['localbroker:\n  port: 1\n', 'did you mean "localBroker"?'],
  ['dc09:\n  port: 70000\n', 'must be <= 65535'],
])('%j is told where it is wrong', (text, expected) => {
  expect(configProblems(text, 'edge.yaml', EdgeConfig).problems.map(problemText).join('\n')).toContain(expected);
});
