import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../contract/api/centre.ts';
import type { Edge } from '../../contract/api/devices.ts';
import { enrolOffline, resetPasswordOffline } from '../../hub/offline.ts';
import { codeOf, HubClient } from '../support/hub.ts';
import { JoinedEdge } from '../support/joined-edge.ts';
import { type Program, startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

interface Ready {
  url: string;
  mqttUrl: string;
  mediaUrl: string;
  livePort: number;
  firstLogin: { account: string; password: string } | null;
}

const PORTS = ['--port', '0', '--live-port', '0', '--mqtt-port', '0', '--media-port', '0'];

describe('the hub as a process', () => {
  const programs: Program[] = [];
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hub-'));
  });
  afterEach(async () => {
    for (const program of programs.splice(0)) await program.stop('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  function start(args: readonly string[] = []): Program {
    const program = startProgram(['hub/main.ts', '--data', join(folder, 'data'), ...PORTS, ...args]);
    programs.push(program);
    return program;
  }
  const readyOf = async (program: Program) => (await program.message('ready', 'hub')) as unknown as Ready;

  test('says where it is and the first login once, ends in order, and keeps what it knows', async () => {
    const first = start();
    const ready = await readyOf(first);
    expect(ready.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(ready.mqttUrl).toMatch(/^mqtt:\/\/127\.0\.0\.1:\d+$/);
    expect(ready.mediaUrl).toMatch(/^mqtt:\/\/127\.0\.0\.1:\d+$/);
    expect(ready.livePort).toBeGreaterThan(0);
    const client = new HubClient(ready.url);
    expect((await client.get('/api/health')).json).toMatchObject({ ok: true });
    const { account, password } = ready.firstLogin ?? { account: '', password: '' };
    expect((await client.signIn(account, password)).status).toBe(200);
    expect(await first.stop()).toBe(0);
    expect(first.errors).not.toContain(password);

    const second = start();
    const again = await readyOf(second);
    expect(again.firstLogin).toBeNull();
    const later = new HubClient(again.url);
    later.cookie = client.cookie;
    expect((await later.get('/api/session')).json).toMatchObject({ account: 'admin', mustChangePassword: true });
    expect(await second.stop('SIGINT')).toBe(0);
  });

  test('what it keeps is for its user only', async () => {
    await readyOf(start(['--tls', 'always']));
    const data = join(folder, 'data');
    expect(statSync(data).mode & 0o077).toBe(0);
    const keys = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.key$|evidence\.pem$/.test(name),
    );
    expect(keys.length).toBeGreaterThanOrEqual(3);
    for (const name of keys) expect([name, statSync(join(data, name)).mode & 0o077]).toEqual([name, 0]);
  });

  test('a second one on the same data folder says so and leaves the first alone', async () => {
    const ready = await readyOf(start());
    const second = start();
    expect(await second.exit()).toBe(1);
    expect(second.errors).toContain('already works in');
    expect((await new HubClient(ready.url).get('/api/health')).status).toBe(200);
  });

  test('a port that is taken is said in one plain sentence', async () => {
    const ready = await readyOf(start());
    for (const flag of ['--port', '--mqtt-port', '--live-port', '--media-port']) {
      const taken = new URL(ready.url).port;
      const second = start(['--data', join(folder, 'other'), flag, taken]);
      expect([flag, await second.exit()]).toEqual([flag, 1]);
      expect(second.errors).toContain(`port ${taken} on 127.0.0.1`);
      expect(second.errors).not.toContain('    at ');
    }
  });

  test.each([
    [['--port', '99999'], 'a port is a number'],
    [['--tls', 'never', '--host', '0.0.0.0'], 'only allowed on loopback'],
    [['--what'], "Unknown option '--what'"],
    [['--config', 'no-such-file.yaml'], 'no-such-file.yaml'],
  ])('arguments that are wrong are explained: %j', async (args, words) => {
    const program = start(args);
    expect(await program.exit()).toBe(1);
    expect(program.errors).toContain(words);
    expect(program.errors).not.toContain('    at ');
  });

  test('a configuration that is wrong names line and cause', async () => {
    const file = join(folder, 'hub.yaml');
    writeFileSync(file, 'listen:\n  host: 127.0.0.1\n  prot: 1\n');
    const program = start(['--config', file]);
    expect(await program.exit()).toBe(1);
    expect(program.errors).toContain('hub.yaml:3:3');
    expect(program.errors).toContain('port');
  });

  test('with TLS an edge enrolled from the command line joins and connects under the private authority', async () => {
    const ready = await readyOf(start(['--tls', 'always']));
    expect([ready.url.slice(0, 8), ready.mqttUrl.slice(0, 8)]).toEqual(['https://', 'mqtts://']);
    const { joinFile } = await enrolOffline(join(folder, 'data'), { edgeId: 'north', name: 'North' });
    const edge = new JoinedEdge(joinFile);
    expect(await edge.join()).toBe(200);
    await edge.connect();
    const { caPem } = JSON.parse(joinFile) as { caPem: string };
    await expect(new HubClient(ready.url).get('/api/health')).rejects.toThrow();
    const admin = new HubClient(ready.url, caPem);
    expect((await admin.get('/ca.pem')).text).toBe(caPem);
    await admin.signIn(ready.firstLogin?.account ?? '', ready.firstLogin?.password ?? '');
    const next = 'a password of my own';
    await admin.send('PUT', '/api/session/password', { current: ready.firstLogin?.password, next });
    const signedIn = await admin.signIn('admin', next);
    expect(signedIn.headers['set-cookie']?.[0]).toContain('; Secure');
    await waitFor('the edge to be online', async () => {
      const [north] = (await admin.get('/api/edges')).json as Edge[];
      return north?.edgeId === 'north' && north.online;
    });
    const verified = (await admin.get('/api/audit/verification')).json;
    expect(verified).toMatchObject({ intact: true });
    const actions = ((await admin.get('/api/audit')).json as AuditEntry[]).map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['edge.enrol', 'edge.join']));
    await edge.stop();
  });

  test('a lost password is replaced while the hub runs', async () => {
    const ready = await readyOf(start());
    const client = new HubClient(ready.url);
    await client.signIn('admin', ready.firstLogin?.password ?? '');
    const password = await resetPasswordOffline(join(folder, 'data'), 'admin');
    expect(codeOf(await client.get('/api/session'))).toBe('NOT_SIGNED_IN');
    expect(codeOf(await client.signIn('admin', ready.firstLogin?.password ?? ''))).toBe('BAD_CREDENTIALS');
    expect((await client.signIn('admin', password)).json).toMatchObject({ mustChangePassword: true });
  });

  test('enrolling before the hub has ever run says what to do', async () => {
    const enrolment = enrolOffline(join(folder, 'data'), { edgeId: 'north', name: 'North' });
    await expect(enrolment).rejects.toMatchObject({ code: 'CONFIG_MISSING' });
    const wrong = enrolOffline(join(folder, 'data'), { edgeId: 'North!', name: 'North' });
    await expect(wrong).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
