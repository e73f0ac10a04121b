import { beforeEach, expect, test } from 'vitest';
import type { Device } from '../../../../contract/api/devices.ts';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { TALK_MAX_BYTES } from '../../../../contract/live.ts';
import { parseMediaMessage, readTimedBody } from '../../../../contract/media-frame.ts';
import { topics } from '../../../../contract/topics.ts';
import type { Session } from '../../../../hub/access/session.ts';
import type { AuditRecord } from '../../../../hub/audit/audit-log.ts';
import type { ToMediaThread } from '../../../../hub/live/protocol.ts';
import { TalkRelay } from '../../../../hub/live/talk-relay.ts';
import { Talks } from '../../../../hub/live/talks.ts';
import { silentLog } from '../../../../platform/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const session: Session = {
  ...{ sessionId: 's', account: 'li', displayName: 'Li', role: 'operator', areas: [] },
  ...{ expiresAtMs: 1e15, mustChangePassword: false },
};
const LI = { session, address: '10.0.0.9' };
const device = (deviceId: string, talk = true) =>
  ({ deviceId, edgeId: 'e1', regionId: 'r1', edge: { abilities: { ptz: false, listen: true, talk } } }) as Device;

let clock: FakeClock;
let posted: ToMediaThread[];
let sent: string[];
let audit: AuditRecord[];
let failure: SharpEyesError | null;
let mayTalk: boolean;
let talks: Talks;

/** What viewers were told, e.g. `1 open`, `2 refused busy`. */
const told = (): string[] =>
  posted.flatMap((message) => {
    if (message.type !== 'tell' || message.message.type !== 'talk') return [];
    const { message: state } = message;
    return [`${message.viewerId} ${state.state}${state.state === 'open' ? '' : ` ${state.reason}`}`];
  });

beforeEach(() => {
  clock = new FakeClock();
  posted = [];
  sent = [];
  audit = [];
  failure = null;
  mayTalk = true;
  talks = new Talks({
    orders: {
      send: async (_edgeId, name) => {
        sent.push(name);
        if (failure !== null && name === 'talk.start') throw failure;
        return {} as never;
      },
    },
    audit: { append: async (record) => void audit.push(record) as never },
    device: (deviceId) => (deviceId === 'none' ? null : device(deviceId, deviceId !== 'deaf')),
    mayTalk: () => mayTalk,
    post: (message) => posted.push(message),
    clock,
    log: silentLog,
  });
});

test('one person speaks through a device, and it is written down how long', async () => {
  await talks.begin(1, LI, 'box');
  await talks.begin(2, LI, 'box');
  await clock.advance(2500);
  talks.end(1, 'released');
  talks.end(1, 'released');
  await clock.advance(0);
  expect(told()).toEqual(['1 open', '2 refused busy', '1 ended released']);
  expect(sent).toEqual(['talk.start', 'talk.stop']);
  expect(audit).toMatchObject([
    { account: 'li', action: 'talk.begin', subject: 'box', address: '10.0.0.9' },
    { action: 'talk.end', subject: 'box', details: { durationMs: 2500, reason: 'released' }, address: '10.0.0.9' },
  ]);
  await talks.begin(2, LI, 'box');
  expect(told().at(-1)).toBe('2 open');
});

test('nobody is told what exists outside the area, and a device without loudspeaker says so', async () => {
  await talks.begin(1, LI, 'none');
  await talks.begin(1, LI, 'deaf');
  mayTalk = false;
  await talks.begin(1, LI, 'box');
  expect(told()).toEqual(['1 refused no-permission', '1 refused unsupported', '1 refused no-permission']);
  expect([sent, audit]).toEqual([[], []]);
});

test('a device that cannot be reached, and one that has no back channel after all', async () => {
  failure = new SharpEyesError('DEVICE_UNREACHABLE', 'gone');
  await talks.begin(1, LI, 'box');
  failure = new SharpEyesError('DEVICE_UNSUPPORTED', 'no');
  await talks.begin(1, LI, 'box');
  expect(told()).toEqual(['1 refused unreachable', '1 refused unsupported']);
  expect(talks.size).toBe(0);
});

test('who let go before the way was open has closed it', async () => {
  const beginning = talks.begin(1, LI, 'box');
  talks.end(1, 'released');
  await beginning;
  expect(sent).toEqual(['talk.start', 'talk.stop']);
  expect(posted.some(({ type }) => type === 'talk-open')).toBe(false);
  expect(audit).toEqual([]);
});

test('pressed twice in a hurry, the second way stays open', async () => {
  const first = talks.begin(1, LI, 'box');
  talks.end(1, 'released');
  const second = talks.begin(1, LI, 'box');
  await Promise.all([first, second]);
  expect(sent).toEqual(['talk.start', 'talk.start']);
  expect(told().at(-1)).toBe('1 open');
});

test('who begins again and again is held back to one talk a second, and told so', async () => {
  for (let i = 0; i < 100; i++) {
    await talks.begin(1, LI, 'box');
    await clock.advance(100);
  }
  const begun = audit.filter(({ action }) => action === 'talk.begin').length;
  expect(begun).toBeGreaterThanOrEqual(10);
  expect(begun).toBeLessThanOrEqual(13);
  expect(told().filter((text) => text === '1 refused released')).toHaveLength(100 - begun);
  await talks.begin(2, LI, 'other');
  expect(told().at(-1)).toBe('2 open');
});

test('it ends when the edge lost the way, and when the right is lost', async () => {
  await talks.begin(1, LI, 'box');
  failure = new SharpEyesError('DEVICE_UNREACHABLE', 'gone');
  await clock.advance(3000);
  expect(told().at(-1)).toBe('1 ended unreachable');
  failure = null;
  await talks.begin(1, LI, 'box');
  mayTalk = false;
  talks.deviceChanged('box');
  expect(told().at(-1)).toBe('1 ended no-permission');
  expect(clock.timers).toBe(0);
});

test('sound goes to the edge in envelopes, and only from who speaks', () => {
  const out: { topic: string; payload: Uint8Array }[] = [];
  const silent: number[] = [];
  const relay = new TalkRelay({
    clock,
    publish: (topic, payload) => out.push({ topic, payload }),
    onSilent: (viewerId) => silent.push(viewerId),
  });
  expect(relay.take(1, new Uint8Array(160))).toBe(false);
  relay.open({ viewerId: 1, deviceId: 'box', edgeId: 'e1', handle: 7 });
  expect(relay.take(1, Uint8Array.of(1, 2))).toBe(true);
  expect(relay.take(1, new Uint8Array(TALK_MAX_BYTES))).toBe(true);
  expect(relay.take(1, new Uint8Array(TALK_MAX_BYTES + 1))).toBe(false);
  expect(relay.take(2, new Uint8Array(160))).toBe(false);
  expect(out.map(({ topic }) => topic)).toEqual([topics.talk('e1'), topics.talk('e1')]);
  const read = out.map(({ payload }) => parseMediaMessage(payload));
  expect(read).toMatchObject([
    { type: 'audio', handle: 7, sequence: 1 },
    { type: 'audio', handle: 7, sequence: 2 },
  ]);
  const bodies = read.map((message) => readTimedBody(message?.body ?? new Uint8Array()));
  expect(bodies[0]?.bytes).toEqual(Uint8Array.of(1, 2));
  expect(bodies.map((body) => body?.pts90k)).toEqual([0, 22.5]);
});

test('more than can be spoken is dropped; who says nothing for five seconds is let go; late sound is forgiven', async () => {
  let bytes = 0;
  const silent: number[] = [];
  const relay = new TalkRelay({
    clock,
    publish: () => {
      bytes += TALK_MAX_BYTES;
    },
    onSilent: (viewerId) => silent.push(viewerId),
  });
  relay.open({ viewerId: 1, deviceId: 'box', edgeId: 'e1', handle: 7 });
  for (let i = 0; i < 100; i++) relay.take(1, new Uint8Array(TALK_MAX_BYTES));
  expect(bytes).toBe(16_000);
  await clock.advance(4999);
  relay.check();
  expect(silent).toEqual([]);
  await clock.advance(1);
  relay.check();
  expect(silent).toEqual([1]);
  relay.close(1);
  expect(relay.take(1, new Uint8Array(160))).toBe(true);
  await clock.advance(3000);
  expect(relay.take(1, new Uint8Array(160))).toBe(false);
});
