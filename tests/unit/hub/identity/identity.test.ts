import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isLoopback, loadIdentity, namesOfMachine } from '../../../../hub/identity/identity.ts';
import { identityFiles } from '../../../../hub/identity/identity-files.ts';
import type { Clock } from '../../../../platform/clock.ts';
import { systemClock } from '../../../../platform/clock.ts';
import { silentLog } from '../../../../platform/log.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const later = (days: number): Clock => ({ ...systemClock, nowMs: () => Date.now() + days * DAY_MS });

describe('identity of the hub', () => {
  let folder: string;
  const load = (names: string[], clock: Clock = systemClock) => loadIdentity(folder, names, { clock, log: silentLog });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hub-identity-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('a client that knows the authority accepts the server under its names and addresses, and no other', async () => {
    const { caPem, server } = await load(['hub.example', '127.0.0.1']);
    const listener = createServer({ ...server, minVersion: 'TLSv1.2' }, (socket) => socket.end());
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as AddressInfo;
    const dial = (servername: string | undefined): Promise<string> =>
      new Promise((resolve) => {
        const name = servername === undefined ? {} : { servername };
        const socket = connect({ host: '127.0.0.1', port, ca: caPem, ...name }, () => resolve('accepted'));
        socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
        socket.resume();
      });
    expect(await dial(undefined)).toBe('accepted');
    expect(await dial('hub.example')).toBe('accepted');
    expect(await dial('other.example')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    await new Promise((resolve) => listener.close(resolve));
  });

  test('keys are for the owner only', async () => {
    await load(['localhost']);
    const { caKey, serverKey } = identityFiles(folder);
    expect(statSync(caKey).mode & 0o777).toBe(0o600);
    expect(statSync(serverKey).mode & 0o777).toBe(0o600);
  });

  test('a second start with the same names changes nothing', async () => {
    const first = await load(['hub.example', '10.0.0.1', '::1']);
    expect(await load(['hub.example', '10.0.0.1', '::1'])).toEqual(first);
  });

  test.each([
    ['a name is new', ['hub.example', 'other.example'], 0],
    ['a name is gone', [], 0],
    ['it ends soon', ['hub.example'], 360],
  ])('the server certificate is made anew when %s; the authority stays', async (_why, names, days) => {
    const first = await load(['hub.example']);
    const second = await load(names.length === 0 ? ['127.0.0.1'] : names, later(days));
    expect(second.caPem).toBe(first.caPem);
    expect(second.server.cert).not.toBe(first.server.cert);
    expect(readFileSync(identityFiles(folder).server, 'utf8')).toBe(second.server.cert);
  });

  test('names of the machine always cover loopback', () => {
    expect(namesOfMachine('0.0.0.0')).toEqual(expect.arrayContaining(['localhost', '127.0.0.1', '::1']));
    expect(namesOfMachine('192.0.2.7')).toContain('192.0.2.7');
  });

  test.each([
    ['127.0.0.1', true],
    ['127.9.8.7', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['192.168.1.1', false],
    ['127.0.0.1.example', false],
  ])('%s is loopback: %s', (host, expected) => expect(isLoopback(host)).toBe(expected));
});
