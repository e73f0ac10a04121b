import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { certificateNames, loadHubConfig, usesTls } from '../../../../hub/config/load.ts';
import { hubAddresses } from '../../../../hub/hub-addresses.ts';
import { hubConfigFromArguments } from '../../../../hub/main.ts';

const PORTS = { web: 1, mqtt: 2, media: 3 };

describe('configuration of the hub', () => {
  test('without a file it listens on loopback only, without TLS', () => {
    const config = loadHubConfig(null);
    expect([config.listen.host, usesTls(config)]).toEqual(['127.0.0.1', false]);
    expect(hubAddresses(config, PORTS, null)).toEqual({
      hubUrl: 'http://127.0.0.1:1',
      mqttUrl: 'mqtt://127.0.0.1:2',
      mediaUrl: 'mqtt://127.0.0.1:3',
      caPem: null,
    });
  });

  test('pictures go to other programs in the clear only where that was said', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hub-config-'));
    const file = join(folder, 'hub.yaml');
    const load = (republish: string) => {
      writeFileSync(file, `republish: { enabled: true, ${republish} }\n`);
      return loadHubConfig(file).republish.enabled;
    };
    try {
      expect(load('port: 0')).toBe(true);
      expect(() => load('host: 0.0.0.0')).toThrow(/republish.plain/);
      expect(load('host: 0.0.0.0, plain: true')).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([
    ['127.0.0.1', 'auto', false],
    ['127.0.0.1', 'always', true],
    ['127.3.2.1', 'never', false],
    ['0.0.0.0', 'auto', true],
    ['192.0.2.1', 'auto', true],
  ] as const)('on %s with tls: %s it speaks TLS: %s', (host, tls, expected) => {
    expect(usesTls(loadHubConfig(null, { host, tls }))).toBe(expected);
  });

  test('TLS cannot be turned off where others can listen', () => {
    expect(() => loadHubConfig(null, { host: '0.0.0.0', tls: 'never' })).toThrow('only allowed on loopback');
  });

  test('the first name goes into join files, and all of them into the certificate', () => {
    const config = loadHubConfig(null, { host: '0.0.0.0', names: ['hub.example', '192.0.2.7'] });
    expect(hubAddresses(config, PORTS, 'ca').hubUrl).toBe('https://hub.example:1');
    expect(certificateNames(config)).toEqual(['localhost', '127.0.0.1', 'hub.example', '192.0.2.7']);
  });

  test('an IPv6 address stands in brackets', () => {
    expect(hubAddresses(loadHubConfig(null, { host: '::1' }), PORTS, null).mqttUrl).toBe('mqtt://[::1]:2');
  });

  test('the example for containers is valid and gives edges the public addresses', () => {
    const config = loadHubConfig(join(import.meta.dirname, '..', '..', '..', '..', 'deploy', 'hub.yaml'));
    expect(hubAddresses(config, PORTS, 'ca')).toMatchObject({
      hubUrl: 'https://hub.example:1',
      mqttUrl: 'mqtts://hub.example:8883',
      mediaUrl: 'mqtts://hub.example:8884',
    });
  });

  test('arguments stand above the file, and wrong ones are explained', () => {
    const config = hubConfigFromArguments([
      '--data',
      '/x',
      '--port',
      '0',
      '--names',
      'a,b',
      '--tls',
      'always',
      '--demo',
    ]);
    expect(config).toMatchObject({ data: '/x', names: ['a', 'b'], tls: 'always', demo: true, listen: { port: 0 } });
    for (const wrong of [['--port', 'x'], ['--port', '70000'], ['--tls', 'maybe'], ['--nonsense'], ['stray']]) {
      expect(() => hubConfigFromArguments(wrong)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    }
  });
});
