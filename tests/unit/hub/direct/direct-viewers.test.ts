import { beforeEach, describe, expect, it } from 'vitest';
import type { Device } from '../../../../contract/api/devices.ts';
import { SharpEyesError } from '../../../../contract/errors.ts';
import type { Session } from '../../../../hub/access/session.ts';
import { DirectViewers } from '../../../../hub/direct/direct-viewers.ts';
import { silentLog } from '../../../../platform/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const OFFER = 'v=0\r\n';
let clock: FakeClock;
let orders: [name: string, params: Record<string, unknown>][];
let refusal: SharpEyesError | null;
/** When set, the edge's answers wait for it. */
let answered: Promise<void> | null;
let signedIn: Session | null;
let areas: Set<string | null>;
let viewers: DirectViewers;

const device = { deviceId: 'camera-1', edgeId: 'north', regionId: 'lake' } as Device;
const LI: Session = {
  ...{ sessionId: 's-1', account: 'li', displayName: 'Li', role: 'operator', areas: ['lake'] },
  ...{ expiresAtMs: 2e12, mustChangePassword: false },
};
const names = (): string[] => orders.map(([name]) => name);

beforeEach(() => {
  clock = new FakeClock();
  orders = [];
  refusal = null;
  answered = null;
  signedIn = LI;
  areas = new Set(['lake']);
  viewers = new DirectViewers({
    orders: {
      send: async (_edgeId, name, params) => {
        orders.push([name, params as Record<string, unknown>]);
        await answered;
        if (refusal !== null) throw refusal;
        return { answer: 'v=0 answer' } as never;
      },
    },
    device: (deviceId) => (deviceId === device.deviceId ? device : null),
    session: async () => signedIn,
    mayView: (_session, regionId) => areas.has(regionId),
    ...{ clock, log: silentLog },
  });
  viewers.start();
});

describe('a viewer who takes a stream straight from the edge', () => {
  it('gets the answer of the edge, which hears every few seconds that it may go on', async () => {
    const { directId, answer } = await viewers.open(LI, device, 'main', OFFER);
    expect(answer).toBe('v=0 answer');
    await clock.advance(12_000);
    expect(names()).toEqual(['direct.open', 'direct.renew', 'direct.renew']);
    for (const [, params] of orders) expect(params).toMatchObject({ sessionId: directId, leaseMs: 15_000 });
  });

  it('is not asked about before the edge has answered its offer, which may take longer than a renewal', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    answered = promise;
    const opening = viewers.open(LI, device, 'main', OFFER);
    await clock.advance(6000);
    expect(names()).toEqual(['direct.open']);
    resolve();
    await opening;
    await clock.advance(5000);
    expect(names()).toEqual(['direct.open', 'direct.renew']);
  });

  it.each([
    ['signs out', () => (signedIn = null)],
    ['loses the area', () => areas.clear()],
  ])('is ended when the person %s', async (_, change) => {
    await viewers.open(LI, device, 'main', OFFER);
    change();
    await clock.advance(5000);
    expect(names()).toEqual(['direct.open', 'direct.close']);
    expect(viewers.count).toBe(0);
  });

  it('is ended by the person who opened it and by nobody else', async () => {
    const { directId } = await viewers.open(LI, device, 'main', OFFER);
    await viewers.close({ ...LI, account: 'wang' }, directId);
    expect(viewers.count).toBe(1);
    await viewers.close(LI, directId);
    expect(names()).toEqual(['direct.open', 'direct.close']);
    await viewers.close(LI, directId);
    expect(names()).toHaveLength(2);
  });

  it('is forgotten when the edge says that the session is over, and kept while the edge is away', async () => {
    await viewers.open(LI, device, 'main', OFFER);
    refusal = new SharpEyesError('EDGE_OFFLINE', 'away');
    await clock.advance(5000);
    expect(viewers.count).toBe(1);
    refusal = new SharpEyesError('NOT_FOUND', 'over');
    await clock.advance(5000);
    expect(viewers.count).toBe(0);
  });

  it('is forgotten when its edge stays away for longer than the session lasts without being told', async () => {
    await viewers.open(LI, device, 'main', OFFER);
    await clock.advance(5000);
    refusal = new SharpEyesError('EDGE_OFFLINE', 'away');
    await clock.advance(14_999);
    expect(viewers.count).toBe(1);
    await clock.advance(1);
    expect(viewers.count).toBe(0);
    const before = orders.length;
    await clock.advance(20_000);
    expect(orders).toHaveLength(before);
  });

  it('leaves nothing behind where the edge refuses', async () => {
    refusal = new SharpEyesError('DEVICE_UNSUPPORTED', 'not here');
    await expect(viewers.open(LI, device, 'main', OFFER)).rejects.toMatchObject({ code: 'DEVICE_UNSUPPORTED' });
    expect(viewers.count).toBe(0);
  });

  it('is one of at most sixteen per account', async () => {
    for (let i = 0; i < 16; i++) await viewers.open(LI, device, 'main', OFFER);
    await expect(viewers.open(LI, device, 'main', OFFER)).rejects.toMatchObject({ code: 'LIMIT_REACHED' });
    await viewers.open({ ...LI, account: 'wang' }, device, 'main', OFFER);
    await viewers.stop();
    expect(names().filter((name) => name === 'direct.close')).toHaveLength(17);
    expect(clock.timers).toBe(0);
  });
});
