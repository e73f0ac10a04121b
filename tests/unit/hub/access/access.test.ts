import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Access } from '../../../../hub/access/access.ts';
import { tokenFromCookies, tokenHash } from '../../../../hub/access/session.ts';
import { SESSION_MS } from '../../../../hub/access/sessions.ts';
import { AuditLog } from '../../../../hub/audit/audit-log.ts';
import { HubEvents } from '../../../../hub/hub-events.ts';
import { RegionTree } from '../../../../hub/registry/region-tree.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { type TemporaryStorage, temporaryStorage } from '../../../support/hub-storage.ts';

const ADDRESS = '127.0.0.1';

function tree(): RegionTree {
  const regions = new RegionTree();
  const add = (regionId: string, parentId: string | null) =>
    regions.set({ regionId, parentId, level: 'county', name: regionId, code: null });
  add('county', null);
  add('town', 'county');
  add('village', 'town');
  add('other-town', 'county');
  return regions;
}

describe('access', () => {
  let db: TemporaryStorage;
  let clock: FakeClock;
  let access: Access;
  let events: HubEvents;
  let ended: unknown[];

  beforeEach(async () => {
    db = await temporaryStorage();
    clock = new FakeClock();
    events = new HubEvents();
    ended = [];
    events.on('sessionEnded', (what) => ended.push(what));
    const audit = new AuditLog(db.storage, clock);
    access = new Access({ storage: db.storage, audit, events, areas: tree(), clock });
  });
  afterEach(() => db.remove());

  async function account(name: string, areas: string[] = []): Promise<string> {
    const wanted = { account: name, displayName: name, role: 'operator', areas } as const;
    return (await access.accounts.create(wanted)).password;
  }

  test('the first administrator is made once, with a password of 80 random bits', async () => {
    const first = await access.accounts.createFirst(true);
    expect(first?.password).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
    expect(await access.accounts.createFirst(true)).toBeNull();
    const { session } = await access.signIn('admin', first?.password ?? '', ADDRESS);
    expect(session).toMatchObject({ account: 'admin', role: 'administrator', areas: [], mustChangePassword: true });
  });

  test('neither passwords nor tokens are stored', async () => {
    const password = await account('wang');
    const { token } = await access.signIn('wang', password, ADDRESS);
    const tables = ['accounts', 'sessions', 'audit'] as const;
    for (const table of tables) {
      const text = JSON.stringify(await db.storage.db.selectFrom(table).selectAll().execute());
      expect(text).not.toContain(password);
      expect(text).not.toContain(token);
    }
  });

  test('unknown accounts, wrong passwords and disabled accounts fail alike', async () => {
    const password = await account('wang');
    await account('li');
    await access.accounts.change('wang', { disabled: true });
    for (const [name, secret] of [
      ['nobody', 'x'],
      ['li', 'x'],
      ['wang', password],
    ] as const) {
      await expect(access.signIn(name, secret, ADDRESS)).rejects.toMatchObject({
        code: 'BAD_CREDENTIALS',
        message: 'account or password is wrong',
      });
    }
  });

  test('after ten failures an account waits a minute, even with the right password', async () => {
    const password = await account('wang');
    for (let i = 0; i < 10; i++) {
      await expect(access.signIn('wang', 'wrong', `10.0.0.${i}`)).rejects.toMatchObject({ code: 'BAD_CREDENTIALS' });
    }
    await expect(access.signIn('wang', password, ADDRESS)).rejects.toMatchObject({ code: 'TOO_MANY_ATTEMPTS' });
    await clock.advance(60_001);
    expect((await access.signIn('wang', password, ADDRESS)).session.account).toBe('wang');
  });

  test('after twenty failures an address waits, whichever accounts it tries', async () => {
    const password = await account('wang');
    for (let i = 0; i < 20; i++) {
      await expect(access.signIn(`guess-${i}`, 'wrong', ADDRESS)).rejects.toMatchObject({ code: 'BAD_CREDENTIALS' });
    }
    await expect(access.signIn('wang', password, ADDRESS)).rejects.toMatchObject({ code: 'TOO_MANY_ATTEMPTS' });
    expect((await access.signIn('wang', password, '10.0.0.1')).session.account).toBe('wang');
  });

  test('attempts at the same time count before their outcome is known', async () => {
    await account('wang');
    const tries = Array.from({ length: 15 }, () => access.signIn('wang', 'wrong', ADDRESS));
    const outcomes = await Promise.allSettled(tries);
    const codes = outcomes.map((one) => (one.status === 'rejected' ? (one.reason as { code: string }).code : 'in'));
    expect(codes.filter((code) => code === 'BAD_CREDENTIALS')).toHaveLength(10);
    expect(codes.filter((code) => code === 'TOO_MANY_ATTEMPTS')).toHaveLength(5);
  });

  test('successful sign-ins are no attempts', async () => {
    const password = await account('wang');
    for (let i = 0; i < 25; i++) await access.signIn('wang', password, ADDRESS);
    expect(await db.storage.db.selectFrom('sessions').selectAll().execute()).toHaveLength(25);
  });

  test('a session lives for twelve hours after its last use', async () => {
    const { token } = await access.signIn('wang', await account('wang'), ADDRESS);
    await clock.advance(SESSION_MS - 1000);
    expect(await access.sessions.use(token)).toMatchObject({ isRenewed: true });
    await clock.advance(SESSION_MS - 1000);
    expect(await access.sessions.use(token)).not.toBeNull();
    await clock.advance(SESSION_MS + 1000);
    expect(await access.sessions.use(token)).toBeNull();
  });

  test('a session ends by signing out and by disabling the account', async () => {
    const password = await account('wang');
    const one = await access.signIn('wang', password, ADDRESS);
    const two = await access.signIn('wang', password, ADDRESS);
    await access.sessions.end(one.session.sessionId);
    expect(await access.sessions.use(one.token)).toBeNull();
    expect(await access.sessions.use(two.token)).not.toBeNull();
    await access.accounts.change('wang', { disabled: true });
    expect(await access.sessions.use(two.token)).toBeNull();
    expect(ended).toEqual([{ sessionId: one.session.sessionId }]);
  });

  test('a change of role or area counts for sessions that are open', async () => {
    const { token } = await access.signIn('wang', await account('wang'), ADDRESS);
    await access.accounts.change('wang', { role: 'supervisor', areas: ['town'] });
    expect((await access.sessions.use(token))?.session).toMatchObject({ role: 'supervisor', areas: ['town'] });
  });

  test('the oldest of too many sessions end', async () => {
    await account('wang');
    const tokens: string[] = [];
    for (let i = 0; i < 52; i++) {
      await clock.advance(1);
      tokens.push((await access.sessions.open('wang')).token);
    }
    expect(await access.sessions.use(tokens[1] ?? '')).toBeNull();
    expect(await access.sessions.use(tokens[2] ?? '')).not.toBeNull();
    expect(await access.sessions.use(tokens[51] ?? '')).not.toBeNull();
  });

  test('changing the password ends the other sessions and frees the account', async () => {
    const password = await account('wang');
    const mine = await access.signIn('wang', password, ADDRESS);
    const other = await access.signIn('wang', password, ADDRESS);
    const change = (current: string, next: string) => access.changePassword(mine.session, current, next, ADDRESS);
    await expect(change('wrong', 'a better one')).rejects.toMatchObject({ code: 'BAD_CREDENTIALS' });
    await expect(change(password, password)).rejects.toMatchObject({ code: 'INVALID_BODY' });
    await change(password, 'a better one');
    expect((await access.sessions.use(mine.token))?.session.mustChangePassword).toBe(false);
    expect(await access.sessions.use(other.token)).toBeNull();
    await expect(access.signIn('wang', password, ADDRESS)).rejects.toMatchObject({ code: 'BAD_CREDENTIALS' });
    expect((await access.signIn('wang', 'a better one', ADDRESS)).session.account).toBe('wang');
    expect(ended).toEqual([{ account: 'wang', exceptSessionId: mine.session.sessionId }]);
  });

  test('the last administrator of the whole tree cannot be lost', async () => {
    await access.accounts.createFirst(false);
    const lose = [{ disabled: true }, { role: 'operator' as const }, { areas: ['town'] }];
    for (const change of lose) {
      await expect(access.accounts.change('admin', change)).rejects.toMatchObject({ code: 'CONFLICT' });
    }
    const second = { account: 'second', displayName: 'Second', role: 'administrator', areas: [] } as const;
    await access.accounts.create(second);
    expect(await access.accounts.change('admin', { disabled: true })).toMatchObject({ disabled: true });
  });

  test('an area includes what lies below it; a thing without a region is only for the whole tree', async () => {
    const { session: town } = await access.signIn('wang', await account('wang', ['town']), ADDRESS);
    const { session: whole } = await access.signIn('li', await account('li'), ADDRESS);
    const includes = (regionId: string | null) => [access.includes(town, regionId), access.includes(whole, regionId)];
    expect(includes('village')).toEqual([true, true]);
    expect(includes('town')).toEqual([true, true]);
    expect(includes('county')).toEqual([false, true]);
    expect(includes('other-town')).toEqual([false, true]);
    expect(includes(null)).toEqual([false, true]);
    expect(access.regionsOf(town)).toEqual(['town', 'village']);
    expect(access.regionsOf(whole)).toBeNull();
    expect(access.allows(town, 'live.view', { regionId: 'village' })).toBe(true);
    expect(access.allows(town, 'device.manage', { regionId: 'village' })).toBe(false);
    expect(access.allows(town, 'live.view', 'whole')).toBe(false);
    expect(() => access.demandArea(town, 'other-town')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  test('the cookie is found among others and only in its own form', () => {
    const token = 'a'.repeat(43);
    expect(tokenFromCookies(`x=1; sharp_eyes_session=${token}; y=2`)).toBe(token);
    expect(tokenFromCookies(`sharp_eyes_session=${token}x`)).toBeNull();
    expect(tokenFromCookies(`not_sharp_eyes_session=${token}`)).toBeNull();
    expect(tokenFromCookies(undefined)).toBeNull();
    expect(tokenHash(token)).toMatch(/^[0-9a-f]{64}$/);
  });
});
