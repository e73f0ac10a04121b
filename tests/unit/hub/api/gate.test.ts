import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RouteDefinition } from '../../../../contract/api/route.ts';
import { Access } from '../../../../hub/access/access.ts';
import { createApp } from '../../../../hub/api/app.ts';
import { type Call, route } from '../../../../hub/api/route.ts';
import { AuditLog } from '../../../../hub/audit/audit-log.ts';
import { HubEvents } from '../../../../hub/hub-events.ts';
import { RegionTree } from '../../../../hub/registry/region-tree.ts';
import { systemClock } from '../../../../platform/clock.ts';
import { silentLog } from '../../../../platform/log.ts';
import { type TemporaryStorage, temporaryStorage } from '../../../support/hub-storage.ts';

const permission = (area: 'thing' | 'list' | 'whole') =>
  ({ kind: 'permission', permission: 'device.read', area }) as const;

describe('the gate of the web server', () => {
  let db: TemporaryStorage;
  let access: Access;
  let app: FastifyInstance;
  let cookie: string;

  beforeEach(async () => {
    db = await temporaryStorage();
    const tree = new RegionTree();
    tree.set({ regionId: 'town', parentId: null, level: 'township', name: 'Town', code: null });
    const parts = { storage: db.storage, audit: new AuditLog(db.storage, systemClock), events: new HubEvents() };
    access = new Access({ ...parts, areas: tree, clock: systemClock });
    const person = { account: 'wang', displayName: 'Wang', role: 'operator', areas: ['town'] } as const;
    const { password } = await access.accounts.create(person, false);
    const { token } = await access.signIn('wang', password, '127.0.0.1');
    cookie = `sharp_eyes_session=${token}`;
    app = await createApp({
      access,
      isAuthenticEdge: async (edgeId, secret) => edgeId === 'north' && secret === 'right:one',
      tls: null,
      livePort: () => 1,
      limits: { connections: 10, requestsPerMinute: 10, bodyBytes: 10_000 },
      log: silentLog,
    });
  });
  afterEach(async () => {
    await app.close();
    await db.remove();
  });

  function define(change: Partial<RouteDefinition>, handler: (call: Call<RouteDefinition>) => unknown): void {
    const base = { method: 'GET', path: '/api/x', summary: 'x', access: permission('thing'), response: null } as const;
    route(app, { ...base, ...change }, handler as never);
  }
  const get = (headers: Record<string, string> = { cookie }) => app.inject({ method: 'GET', url: '/api/x', headers });
  const codeOf = (answer: { json(): unknown }) => (answer.json() as { error: { code: string } }).error.code;

  test('a route that does not say what it needs cannot be registered', async () => {
    expect(() => app.get('/open', async () => 'everything')).toThrow('does not say what it needs');
    const plugin = app.register(async (scope) => {
      scope.post('/open-too', async () => 'everything');
    });
    await expect(Promise.resolve(plugin).then(() => app.ready())).rejects.toThrow('does not say what it needs');
  });

  test('a route about a thing that forgets the area gives nothing away', async () => {
    define({ response: Type.String() }, async () => 'the secret of another town');
    const answer = await get();
    expect([answer.statusCode, codeOf(answer)]).toEqual([500, 'INTERNAL']);
    expect(answer.body).not.toContain('secret');
  });

  test('a list that forgets the area gives nothing away', async () => {
    define({ access: permission('list'), response: Type.Array(Type.String()) }, async () => ['another town']);
    expect((await get()).body).not.toContain('another town');
  });

  test('a thing is shown inside the area and does not exist outside', async () => {
    define({ response: Type.String() }, async ({ caller, query }) => {
      (caller as unknown as { demandInArea(id: string | null): void }).demandInArea(
        (query as unknown as { region?: string }).region ?? null,
      );
      return 'shown';
    });
    const ask = (region: string) => app.inject({ method: 'GET', url: `/api/x${region}`, headers: { cookie } });
    expect((await ask('?region=town')).body).toBe('shown');
    expect(codeOf(await ask('?region=elsewhere'))).toBe('NOT_FOUND');
    expect(codeOf(await ask(''))).toBe('NOT_FOUND');
  });

  test('the whole tree is asked before the handler runs', async () => {
    let ran = false;
    define({ access: permission('whole') }, async () => {
      ran = true;
    });
    expect(codeOf(await get())).toBe('NOT_ALLOWED');
    expect(ran).toBe(false);
  });

  test('an answer off the contract fails in tests', async () => {
    define({ access: { kind: 'signed-in' }, response: Type.Object({ n: Type.Number() }) }, async () => ({ n: 'one' }));
    expect(codeOf(await get())).toBe('INTERNAL');
  });

  test('what breaks inside is answered without its details', async () => {
    define({ access: { kind: 'signed-in' } }, async () => {
      throw new Error('SELECT * FROM accounts failed at /var/lib');
    });
    const answer = await get();
    expect([answer.statusCode, codeOf(answer)]).toEqual([500, 'INTERNAL']);
    expect(answer.body).not.toContain('SELECT');
    expect(answer.headers['x-request-id']).toBe((answer.json() as { error: { requestId: string } }).error.requestId);
  });

  test('an edge shows its id and secret; the secret may hold a colon', async () => {
    define({ access: { kind: 'edge' }, response: Type.String() }, async ({ request }) => request.edgeId ?? '');
    const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
    expect((await get(basic('north:right:one'))).body).toBe('north');
    for (const wrong of ['north:right', 'north', ':right:one', 'south:right:one']) {
      expect(codeOf(await get(basic(wrong)))).toBe('NOT_SIGNED_IN');
    }
    expect(codeOf(await get({ cookie }))).toBe('NOT_SIGNED_IN');
  });

  test('the credential of an edge opens nothing for people', async () => {
    define({ access: { kind: 'signed-in' } }, async () => undefined);
    const authorization = `Basic ${Buffer.from('north:right:one').toString('base64')}`;
    expect(codeOf(await get({ authorization }))).toBe('NOT_SIGNED_IN');
  });

  test('an address that asks too much is told to wait', async () => {
    define({ access: { kind: 'signed-in' } }, async () => undefined);
    const statuses: number[] = [];
    for (let i = 0; i < 11; i++) statuses.push((await get()).statusCode);
    expect(statuses).toEqual([...Array<number>(10).fill(204), 429]);
  });

  test('a route with a budget of its own uses up nothing of the common one', async () => {
    define({ access: { kind: 'signed-in' } }, async () => undefined);
    const often = { method: 'GET', path: '/api/often', summary: 'x', access: { kind: 'signed-in' } } as const;
    route(app, { ...often, response: null }, async () => undefined, { perMinute: 30 });
    const statuses: number[] = [];
    for (let i = 0; i < 31; i++) {
      statuses.push((await app.inject({ method: 'GET', url: '/api/often', headers: { cookie } })).statusCode);
    }
    expect(statuses).toEqual([...Array<number>(30).fill(204), 429]);
    expect((await get()).statusCode).toBe(204);
  });
});
