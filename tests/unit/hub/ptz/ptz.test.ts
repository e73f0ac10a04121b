import { beforeEach, expect, test } from 'vitest';
import type { Device } from '../../../../contract/api/devices.ts';
import type { PtzControl } from '../../../../contract/api/ptz.ts';
import type { Session } from '../../../../hub/access/session.ts';
import type { AuditRecord } from '../../../../hub/audit/audit-log.ts';
import { HubEvents } from '../../../../hub/hub-events.ts';
import { Ptz, type PtzCaller } from '../../../../hub/ptz/ptz.ts';
import { silentLog } from '../../../../platform/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const CAMERA = {
  deviceId: 'dome',
  edgeId: 'e1',
  name: 'Dome',
  regionId: 'r1',
  edge: { abilities: { ptz: true, listen: false, talk: false } },
} as unknown as Device;

function person(account: string, sessionId = `s-${account}`): PtzCaller {
  const session: Session = {
    ...{ sessionId, account, displayName: account.toUpperCase(), role: 'operator', areas: [] },
    ...{ expiresAtMs: 1e15, mustChangePassword: false },
  };
  return { session, address: '127.0.0.9' };
}

let clock: FakeClock;
let events: HubEvents;
let sent: string[];
let audit: AuditRecord[];
let told: PtzControl[];
let mayTurn: boolean;
let append: (record: AuditRecord) => Promise<unknown>;
let ptz: Ptz;
const li = person('li');
const wang = person('wang');
const speed = { pan: 0.5, tilt: 0, zoom: 0, timeoutMs: 1000 };

beforeEach(() => {
  clock = new FakeClock();
  events = new HubEvents();
  sent = [];
  audit = [];
  told = [];
  mayTurn = true;
  append = async (record) => audit.push(record);
  events.on('ptz', (control) => told.push(control));
  ptz = new Ptz({
    orders: {
      send: async (_edgeId, name) => {
        sent.push(name);
        return { token: '7', name: 'Gate', presets: [] } as never;
      },
    },
    audit: { append: (record) => append(record) as never },
    events,
    device: (deviceId) => (deviceId === 'dome' ? CAMERA : null),
    mayTurn: () => mayTurn,
    session: async (sessionId) => [li, wang].find(({ session }) => session.sessionId === sessionId)?.session ?? null,
    clock,
    log: silentLog,
  });
  ptz.start();
});

test('one person at a time, until five seconds after the camera stood still', async () => {
  await ptz.move(li, CAMERA, speed);
  await expect(ptz.move(wang, CAMERA, speed)).rejects.toMatchObject({
    code: 'PTZ_BUSY',
    context: { holder: 'LI', sinceMs: clock.nowMs() },
  });
  await expect(ptz.halt(wang, CAMERA)).rejects.toMatchObject({ code: 'PTZ_BUSY' });
  await expect(ptz.goto(wang, CAMERA, '1')).rejects.toMatchObject({ code: 'PTZ_BUSY' });
  await expect(ptz.remember(wang, CAMERA, 'here')).rejects.toMatchObject({ code: 'PTZ_BUSY' });
  for (let i = 0; i < 9; i++) {
    await clock.advance(700);
    await ptz.move(li, CAMERA, speed);
  }
  await ptz.halt(li, CAMERA);
  await clock.advance(4999);
  await expect(ptz.move(wang, CAMERA, speed)).rejects.toMatchObject({ code: 'PTZ_BUSY' });
  await clock.advance(1);
  await ptz.move(wang, CAMERA, speed);
  expect(told.map(({ holder }) => holder?.displayName ?? null)).toEqual(['LI', null, 'WANG']);
  expect(audit.map(({ account, action }) => `${account} ${action}`)).toEqual(['li ptz.control', 'wang ptz.control']);
});

test('the same person in another window is somebody else', async () => {
  await ptz.move(li, CAMERA, speed);
  await expect(ptz.move(person('li', 'another'), CAMERA, speed)).rejects.toMatchObject({ code: 'PTZ_BUSY' });
});

test('a supervisor takes over: the camera stops, and it is written down', async () => {
  await ptz.move(li, CAMERA, speed);
  expect(await ptz.takeOver(wang, CAMERA)).toMatchObject({ holder: { displayName: 'WANG' } });
  expect(sent).toEqual(['ptz.move', 'ptz.stop']);
  await expect(ptz.move(li, CAMERA, speed)).rejects.toMatchObject({ code: 'PTZ_BUSY' });
  await ptz.move(wang, CAMERA, speed);
  expect(audit.at(-1)).toMatchObject({ account: 'wang', action: 'ptz.take-over', details: { from: 'li' } });
  expect(ptz.controls()).toMatchObject([{ deviceId: 'dome', holder: { account: 'wang' } }]);
});

test('a free camera that is taken over is written down like any other that is taken', async () => {
  expect(await ptz.takeOver(wang, CAMERA)).toMatchObject({ holder: { account: 'wang' } });
  await ptz.move(wang, CAMERA, speed);
  await ptz.takeOver(wang, CAMERA);
  expect(audit).toMatchObject([{ account: 'wang', action: 'ptz.control', address: '127.0.0.9' }]);
  expect(sent).toEqual(['ptz.move']);
});

test('what cannot be written down is not done, and not the second time either', async () => {
  append = () => Promise.reject(new Error('the disk is full'));
  for (const turn of [
    () => ptz.move(li, CAMERA, speed),
    () => ptz.move(li, CAMERA, speed),
    () => ptz.goto(li, CAMERA, '3'),
    () => ptz.takeOver(li, CAMERA),
    () => Promise.all([ptz.move(li, CAMERA, speed), ptz.move(li, CAMERA, speed)]),
  ]) {
    await expect(turn()).rejects.toThrow('the disk is full');
    expect(ptz.controls()).toEqual([]);
  }
  expect([sent, clock.timers]).toEqual([[], 0]);
});

test('a take-over that cannot be written down gives the camera to nobody', async () => {
  await ptz.move(li, CAMERA, speed);
  append = () => Promise.reject(new Error('the disk is full'));
  await expect(ptz.takeOver(wang, CAMERA)).rejects.toThrow('the disk is full');
  await expect(ptz.move(wang, CAMERA, speed)).rejects.toThrow('the disk is full');
  expect(sent).toEqual(['ptz.move']);
  append = async (record) => audit.push(record);
  await ptz.move(li, CAMERA, speed);
  expect(audit.map(({ account, action }) => `${account} ${action}`)).toEqual(['li ptz.control', 'li ptz.control']);
});

test('nothing turns before it is written down, nor when somebody took over meanwhile', async () => {
  let written: () => void = () => undefined;
  append = (record) =>
    new Promise((resolve) => {
      written = () => resolve(audit.push(record));
    });
  const first = ptz.move(li, CAMERA, speed);
  const second = ptz.move(li, CAMERA, speed);
  await clock.advance(100);
  expect(sent).toEqual([]);
  const writeControl = written;
  const over = ptz.takeOver(wang, CAMERA);
  writeControl();
  await expect(first).rejects.toMatchObject({ code: 'PTZ_BUSY' });
  await expect(second).rejects.toMatchObject({ code: 'PTZ_BUSY' });
  written();
  await over;
  expect(sent).toEqual(['ptz.stop']);
});

test('who signs out or loses the right lets go, and the camera stops', async () => {
  await ptz.move(li, CAMERA, speed);
  events.emit('sessionEnded', { sessionId: li.session.sessionId });
  expect(sent).toEqual(['ptz.move', 'ptz.stop']);
  expect(ptz.controls()).toEqual([]);
  await ptz.move(wang, CAMERA, speed);
  mayTurn = false;
  events.emit('accountChanged', 'wang');
  await clock.advance(0);
  expect(ptz.controls()).toEqual([]);
  expect(sent.at(-1)).toBe('ptz.stop');
});

test('presets are written down', async () => {
  await ptz.goto(li, CAMERA, '3');
  await ptz.remember(li, CAMERA, 'Gate');
  await ptz.forget(li, CAMERA, '7');
  expect(audit.map(({ action, details }) => [action, details?.['token']])).toEqual([
    ['ptz.control', undefined],
    ['ptz.goto', '3'],
    ['ptz.remember', '7'],
    ['ptz.forget', '7'],
  ]);
});

test('a camera that cannot be turned is refused before anybody holds it', async () => {
  const fixed = { ...CAMERA, edge: null };
  await expect(ptz.move(li, fixed, speed)).rejects.toMatchObject({ code: 'DEVICE_UNSUPPORTED' });
  expect([ptz.controls(), sent]).toEqual([[], []]);
});

test('a stop leaves no timer behind', async () => {
  await ptz.move(li, CAMERA, speed);
  ptz.stop();
  expect(clock.timers).toBe(0);
});
