import { describe, expect, it } from 'vitest';
import type { Device } from '../../../../contract/api/devices.ts';
import type { Session } from '../../../../hub/access/session.ts';
import type { AuditRecord } from '../../../../hub/audit/audit-log.ts';
import { RepublishDesk } from '../../../../hub/republish/desk.ts';
import type { ToRepublish } from '../../../../hub/republish/protocol.ts';
import { silentLog } from '../../../../platform/log.ts';
import type { ReadRequest } from '../../../../platform/rtsp-server/host.ts';

const PERSON: Session = {
  ...{ sessionId: '', account: 'li', displayName: 'Li', role: 'operator', areas: ['town'] },
  ...{ expiresAtMs: 0, mustChangePassword: false },
};
const GATE = { deviceId: 'gate', edgeId: 'north', regionId: 'town', edge: null } as unknown as Device;
const READER: ReadRequest = { readerId: 7, user: 'li-abcde', address: '10.0.0.9', deviceId: 'gate', stream: 'main' };

function desk() {
  const state = { person: PERSON as Session | null, mayView: true, failAudit: false, free: true };
  const posted: ToRepublish[] = [];
  const watchers = new Set<string>();
  const audited: AuditRecord[] = [];
  const made = new RepublishDesk({
    readers: {
      secretOf: async () => ({ md5: 'm', sha256: 's' }),
      personOf: async () => state.person,
      used: async () => undefined,
    },
    device: (deviceId) => (deviceId === 'gate' ? GATE : null),
    mayView: () => state.mayView,
    watch: (_, stream, watcher) => {
      if (!state.free) return null;
      watchers.add(`${stream} ${watcher}`);
      return 42;
    },
    unwatch: (_, watcher) => void watchers.delete(`main ${watcher}`),
    post: (message) => void posted.push(message),
    audit: async (record) => {
      if (state.failAudit) throw new Error('disk');
      audited.push(record);
    },
    log: silentLog,
  });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { desk: made, state, posted, watchers, audited, settle };
}

describe('reading over RTSP, as the main thread decides it', () => {
  it('makes a reader a viewer of the stream for as long as it is there', async () => {
    const { desk: made, posted, watchers, settle } = desk();
    made.take({ type: 'open', request: 1, reader: READER });
    await settle();
    expect(posted).toEqual([{ type: 'decision', request: 1, decision: { isOpen: true, handle: 42, sound: null } }]);
    expect([...watchers]).toEqual(['main rtsp/1']);
    made.take({ type: 'release', request: 1 });
    expect(watchers.size).toBe(0);
  });

  it('leaves nothing watched when the reader is gone before it was decided', async () => {
    const { desk: made, watchers, settle } = desk();
    made.take({ type: 'open', request: 1, reader: READER });
    made.take({ type: 'release', request: 1 });
    await settle();
    expect([watchers.size, made.readers]).toEqual([0, 0]);
  });

  it.each([
    ['a device that is not there', { ...READER, deviceId: 'other' }, {}, 'DEVICE_UNKNOWN'],
    ['a device outside of the area, in the same words', READER, { mayView: false }, 'DEVICE_UNKNOWN'],
    ['an account that is disabled', READER, { person: null }, 'NOT_ALLOWED'],
    ['more streams than there may be', READER, { free: false }, 'LIMIT_REACHED'],
  ])('refuses %s', async (_, reader, change, code) => {
    const { desk: made, state, posted, settle } = desk();
    Object.assign(state, change);
    made.take({ type: 'open', request: 1, reader });
    await settle();
    expect(posted).toMatchObject([{ decision: { isOpen: false, code } }]);
  });

  it('ends those who lost the right, and only them', async () => {
    const { desk: made, state, posted, settle } = desk();
    made.take({ type: 'open', request: 1, reader: READER });
    await settle();
    posted.length = 0;
    await made.recheck(() => true);
    expect(posted).toEqual([]);
    state.mayView = false;
    await made.recheck(({ deviceId }) => deviceId === 'other');
    expect(posted).toEqual([]);
    await made.recheck(({ deviceId }) => deviceId === 'gate');
    expect(posted).toEqual([{ type: 'end', readerId: 7 }]);
  });

  it('writes down who was turned away, under no account', async () => {
    const { desk: made, audited, settle } = desk();
    const refusal = { user: 'boss', address: '10.0.0.9', deviceId: null, suppressedBefore: 3 };
    made.take({ type: 'refused', refusal: { ...refusal, reason: 'password' } });
    await settle();
    expect(audited).toEqual([
      {
        ...{ account: null, action: 'live.read.refused', subject: 'boss', address: '10.0.0.9' },
        details: { reason: 'password', device: null, suppressedBefore: 3 },
      },
    ]);
  });

  it('writes each look down, and ends one that cannot be', async () => {
    const { desk: made, state, posted, audited, settle } = desk();
    made.take({ type: 'play', reader: READER });
    made.take({ type: 'stop', reader: READER, facts: { seconds: 9, sent: 225, skipped: 3 } });
    await settle();
    const details = { reader: 'li-abcde', stream: 'main' };
    expect(audited).toEqual([
      { account: 'li', action: 'live.read.begin', subject: 'gate', details, address: '10.0.0.9' },
      {
        ...{ account: 'li', action: 'live.read.end', subject: 'gate', address: '10.0.0.9' },
        details: { ...details, seconds: 9, sent: 225, skipped: 3 },
      },
    ]);
    state.failAudit = true;
    made.take({ type: 'play', reader: READER });
    await settle();
    expect(posted).toEqual([{ type: 'end', readerId: 7 }]);
  });
});
