import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../contract/api/centre.ts';
import { ROUTES } from '../../contract/api/routes.ts';
import { ADMIN_PASSWORD, codeOf, type HubClient, type RunningHub, startHub } from '../support/hub.ts';
import { waitFor } from '../support/wait.ts';

describe('access to the hub', () => {
  let hub: RunningHub;
  let town: string;
  let otherTown: string;
  let operator: HubClient;

  async function region(name: string): Promise<string> {
    const wanted = { parentId: 'county', level: 'township', name, code: null };
    const made = await hub.admin.send('POST', '/api/regions', wanted);
    return (made.json as { regionId: string }).regionId;
  }

  beforeAll(async () => {
    hub = await startHub();
    town = await region('Town');
    otherTown = await region('Other town');
    operator = await hub.person('operator', 'operator', [town]);
  });
  afterAll(() => hub.stop());

  test('every route of the contract that is not public refuses a stranger', async () => {
    const stranger = hub.browser();
    for (const [name, { method, path, access }] of Object.entries(ROUTES)) {
      if (access.kind === 'public') continue;
      const url = path.replace(/:[A-Za-z]+/g, 'something');
      const answer = await stranger.send(method, url, method === 'GET' || method === 'DELETE' ? undefined : {});
      expect([name, answer.status, codeOf(answer)]).toEqual([name, 401, 'NOT_SIGNED_IN']);
    }
  });

  test('every public route says why it is, and every route of the contract is there', async () => {
    for (const [name, { method, path, access }] of Object.entries(ROUTES)) {
      if (access.kind !== 'public') continue;
      expect(access.why.length).toBeGreaterThan(10);
      const answer = await hub.browser().send(method, path, method === 'GET' ? undefined : {});
      // Without TLS there is no authority to be had.
      expect([name, answer.status]).toEqual([name, { health: 200, ca: 404, join: 400, signIn: 400 }[name]]);
    }
  });

  test('uploads are for edges with their credential only', async () => {
    for (const authorization of [undefined, 'Basic bm9ydGg6eA==', 'Basic', 'Bearer x', 'Basic Og==']) {
      const headers = { 'tus-resumable': '1.0.0', ...(authorization === undefined ? {} : { authorization }) };
      for (const path of ['/edge-api/uploads', '/edge-api/uploads/something']) {
        expect(codeOf(await hub.admin.send('PATCH', path, undefined, headers))).toBe('NOT_SIGNED_IN');
      }
    }
  });

  test('the cookie is out of reach of scripts and other sites, and the answer may not be cached', async () => {
    const answer = await hub.browser().signIn('admin', ADMIN_PASSWORD);
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']?.[0]).toMatch(
      /^sharp_eyes_session=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    );
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.text).not.toContain(ADMIN_PASSWORD);
  });

  test('a generated password opens nothing until it was changed', async () => {
    const wanted = { account: 'new-one', displayName: 'New', role: 'operator', areas: [] };
    const created = await hub.admin.send('POST', '/api/accounts', wanted);
    const { password } = created.json as { password: string };
    const client = hub.browser();
    expect((await client.signIn('new-one', password)).json).toMatchObject({ mustChangePassword: true });
    expect(codeOf(await client.get('/api/devices'))).toBe('PASSWORD_CHANGE_NEEDED');
    const next = 'something of my own';
    expect((await client.send('PUT', '/api/session/password', { current: password, next })).status).toBe(204);
    expect((await client.get('/api/devices')).status).toBe(200);
  });

  test('a role opens what it includes and nothing else', async () => {
    expect((await operator.get('/api/devices')).status).toBe(200);
    expect(codeOf(await operator.get('/api/audit'))).toBe('NOT_ALLOWED');
    expect(codeOf(await operator.get('/api/accounts'))).toBe('NOT_ALLOWED');
    const wanted = { parentId: town, level: 'village', name: 'V', code: null };
    expect(codeOf(await operator.send('POST', '/api/regions', wanted))).toBe('NOT_ALLOWED');
  });

  test('what needs the whole tree is closed to an administrator of a part', async () => {
    const part = await hub.person('part', 'administrator', [town]);
    expect(codeOf(await part.get('/api/accounts'))).toBe('NOT_ALLOWED');
    expect(codeOf(await part.get('/api/audit'))).toBe('NOT_ALLOWED');
    expect((await part.get('/api/regions')).json).toMatchObject([{ regionId: town }]);
  });

  test('lists are cut to the area', async () => {
    await hub.admin.send('POST', '/api/edges', { edgeId: 'in-town', name: 'In', regionId: town });
    await hub.admin.send('POST', '/api/edges', { edgeId: 'elsewhere', name: 'Else', regionId: otherTown });
    await hub.admin.send('POST', '/api/edges', { edgeId: 'nowhere', name: 'No', regionId: null });
    const idsFor = async (client: HubClient) =>
      ((await client.get('/api/edges')).json as { edgeId: string }[]).map((edge) => edge.edgeId);
    expect(await idsFor(operator)).toEqual(['in-town']);
    expect(await idsFor(hub.admin)).toEqual(['elsewhere', 'in-town', 'nowhere']);
  });

  test('an account cannot get an area that does not exist', async () => {
    const wanted = { account: 'lost', displayName: 'Lost', role: 'operator', areas: ['no-such-region'] };
    expect(codeOf(await hub.admin.send('POST', '/api/accounts', wanted))).toBe('INVALID_BODY');
  });

  test('a request from another site changes nothing', async () => {
    const wanted = { parentId: 'county', level: 'township', name: 'Forged', code: null };
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }]) {
      expect(codeOf(await hub.admin.send('POST', '/api/regions', wanted, headers))).toBe('BAD_ORIGIN');
    }
    const signIn = { account: 'admin', password: ADMIN_PASSWORD };
    const forged = await hub.browser().send('POST', '/api/session', signIn, { origin: 'https://evil.example' });
    expect(codeOf(forged)).toBe('BAD_ORIGIN');
    const names = ((await hub.admin.get('/api/regions')).json as { name: string }[]).map(({ name }) => name);
    expect(names).not.toContain('Forged');
  });

  test.each([
    [
      'the dashboards’ socket',
      '/socket.io/?EIO=4&transport=websocket',
      () => Number(new URL(hub.ready.url).port),
      /^HTTP\/1\.1 4\d\d /,
    ],
    ['live pictures', '/live', () => hub.ready.livePort, /^HTTP\/1\.1 403 /],
  ])(
    'a host name that is none is refused at the door of %s, and the hub lives on',
    async (_what, path, port, refusal) => {
      const socket = connect(port(), '127.0.0.1');
      const upgrade = ['connection: upgrade', 'upgrade: websocket', 'sec-websocket-version: 13'];
      const key = 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==';
      socket.write(
        [`GET ${path} HTTP/1.1`, 'host: [', 'origin: http://x.example', ...upgrade, key, '', ''].join('\r\n'),
      );
      expect(await text(socket)).toMatch(refusal);
      expect((await hub.browser().get('/api/health')).status).toBe(200);
    },
  );

  test('who is refused at live pictures cannot keep the line', async () => {
    const socket = connect({ port: hub.ready.livePort, host: '127.0.0.1', allowHalfOpen: true });
    const gone = new Promise<void>((resolve) => socket.once('error', () => resolve()));
    const ended = new Promise<void>((resolve) => socket.once('end', () => resolve()));
    socket.resume();
    socket.write('GET /live HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    await ended;
    // A line that is closed on both sides answers what is still sent with a reset.
    await waitFor('the reset', () => {
      if (!socket.destroyed) socket.write('x');
      return socket.destroyed;
    });
    await gone;
  });

  test('signing out ends the session at once', async () => {
    const client = hub.browser();
    await client.signIn('admin', ADMIN_PASSWORD);
    const { cookie } = client;
    expect((await client.send('DELETE', '/api/session')).status).toBe(204);
    expect(codeOf(await client.get('/api/session', { cookie: cookie ?? '' }))).toBe('NOT_SIGNED_IN');
  });

  test('guessing passwords is stopped with a plain answer', async () => {
    const guesser = hub.browser();
    const codes: (string | undefined)[] = [];
    for (let i = 0; i < 11; i++) codes.push(codeOf(await guesser.signIn('guessed', 'wrong')));
    expect(codes).toEqual([...Array<string>(10).fill('BAD_CREDENTIALS'), 'TOO_MANY_ATTEMPTS']);
  });

  test.each([
    ['no JSON', '{', 'application/json'],
    ['a wrong shape', '{"account":1,"password":"x"}', 'application/json'],
    ['unknown fields', '{"account":"a","password":"x","admin":true}', 'application/json'],
    ['no body at all', '', 'application/json'],
    ['another type', 'account=a', 'application/x-www-form-urlencoded'],
  ])('a body of %s is answered with INVALID_BODY', async (_what, text, type) => {
    const answer = await fetch(`${hub.ready.url}/api/session`, {
      method: 'POST',
      body: text,
      headers: { 'content-type': type },
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(await answer.json()).toMatchObject({ error: { code: 'INVALID_BODY', context: {} } });
  });

  test('an oversized body and an unknown address are answered in the same form', async () => {
    const long = 'x'.repeat(300 * 1024);
    const answer = await hub.admin.send('POST', '/api/regions', { name: long });
    expect([answer.status, codeOf(answer)]).toEqual([413, 'LIMIT_REACHED']);
    expect(codeOf(await hub.admin.get('/api/no-such-thing'))).toBe('NOT_FOUND');
    expect(codeOf(await hub.admin.send('POST', '/edge-api/no-such-thing', {}))).toBe('NOT_FOUND');
  });

  test('pages may load only from here, and nobody may frame them', async () => {
    const { headers } = await hub.browser().get('/');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain(`ws://127.0.0.1:${hub.ready.livePort}`);
    expect(policy).not.toContain("script-src 'unsafe");
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  test('what was done stands on the audit log, without secrets, and the chain is intact', async () => {
    const entries = (await hub.admin.get('/api/audit?limit=500')).json as AuditEntry[];
    const actions = new Set(entries.map((entry) => entry.action));
    for (const action of ['session.begin', 'session.refused', 'account.create', 'password.change', 'edge.enrol']) {
      expect(actions).toContain(action);
    }
    expect(JSON.stringify(entries)).not.toContain(ADMIN_PASSWORD);
    expect((await hub.admin.get('/api/audit/verification')).json).toMatchObject({ intact: true, brokenAt: null });
  });

  describe('the socket of the dashboards', () => {
    const sockets: Socket[] = [];
    afterAll(() => {
      for (const socket of sockets) socket.close();
    });

    function dial(client: HubClient, headers: Record<string, string> = {}): Promise<Socket> {
      const socket = io(hub.ready.url, {
        transports: ['websocket'],
        reconnection: false,
        extraHeaders: { cookie: client.cookie ?? '', ...headers },
      });
      sockets.push(socket);
      return new Promise((resolve, reject) => {
        socket.once('connect', () => resolve(socket));
        socket.once('connect_error', reject);
      });
    }

    test('opens for a session and for nobody else', async () => {
      await expect(dial(hub.browser())).rejects.toMatchObject({ data: { code: 'NOT_SIGNED_IN' } });
      await expect(dial(hub.admin, { origin: 'https://evil.example' })).rejects.toThrow();
      expect((await dial(hub.admin)).connected).toBe(true);
    });

    test('tells each account what happens in its area only', async () => {
      const seen = { admin: [] as string[], operator: [] as string[] };
      (await dial(hub.admin)).on('wall', (wall: { name: string }) => seen.admin.push(wall.name));
      (await dial(operator)).on('wall', (wall: { name: string }) => seen.operator.push(wall.name));
      const [wall] = (await hub.admin.get('/api/walls')).json as { wallId: string }[];
      const change = { name: 'Night', layout: '4', tiles: [], autoFill: true, version: 1 };
      expect((await hub.admin.send('PUT', `/api/walls/${wall?.wallId}`, change)).status).toBe(200);
      await waitFor('the wall on both', () => seen.admin.includes('Night') && seen.operator.includes('Night'));
    });

    test('ends with the session', async () => {
      const client = hub.browser();
      await client.signIn('admin', ADMIN_PASSWORD);
      const socket = await dial(client);
      const told = new Promise<void>((resolve) => socket.once('signedOut', () => resolve()));
      const closed = new Promise<void>((resolve) => socket.once('disconnect', () => resolve()));
      await client.send('DELETE', '/api/session');
      await Promise.all([told, closed]);
    });

    test('ends when the account is disabled', async () => {
      const officer = await hub.person('officer', 'officer');
      const socket = await dial(officer);
      const closed = new Promise<void>((resolve) => socket.once('disconnect', () => resolve()));
      await hub.admin.send('PATCH', '/api/accounts/officer', { disabled: true });
      await closed;
      expect(codeOf(await officer.get('/api/devices'))).toBe('NOT_SIGNED_IN');
    });
  });
});
