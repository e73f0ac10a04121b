import { describe, expect, test } from 'vitest';
import type { EdgeDevice } from '../../../../contract/device.ts';
import type { EdgeStatus } from '../../../../contract/topics.ts';
import { EdgeState } from '../../../../hub/registry/edge-state.ts';

function status(change: Partial<EdgeStatus> = {}): EdgeStatus {
  return {
    online: true,
    version: '1',
    instance: 'one',
    epoch: 'e',
    edgeAtMs: null,
    backlog: { alarm: 0, event: 0 },
    dropped: {},
    diskFreeBytes: null,
    problems: [],
    listeners: [],
    ...change,
  };
}

function device(deviceId: string, online = true): EdgeDevice {
  const identity = { manufacturer: null, model: null, firmware: null, serial: null, mac: null };
  return {
    deviceId,
    driver: 'onvif',
    type: 'camera',
    address: 'http://10.0.0.1',
    identity,
    profileId: null,
    online,
    reason: online ? 'ok' : 'unreachable',
    sinceMs: 1,
    clockOffsetMs: null,
    streams: [],
    recording: null,
  };
}

describe('state of an edge', () => {
  test('it turns only when it comes or goes', () => {
    const state = new EdgeState(100);
    expect(state).toMatchObject({ online: false, sinceMs: 100 });
    expect(state.take(status(), 200, false)).toEqual({ turned: true, isCloned: false });
    expect(state.take(status(), 300, false).turned).toBe(false);
    expect(state.sinceMs).toBe(200);
    expect(state.take(status({ online: false }), 400, false).turned).toBe(true);
    expect(state).toMatchObject({ online: false, sinceMs: 400 });
  });

  test('the clock offset is the least delayed sample, and stored messages tell nothing', () => {
    const state = new EdgeState(0);
    expect(state.clockOffsetMs).toBeNull();
    state.take(status({ edgeAtMs: 999_999 }), 1000, true);
    expect(state.clockOffsetMs).toBeNull();
    state.take(status({ edgeAtMs: 1000 + 5000 - 300 }), 1000, false);
    state.take(status({ edgeAtMs: 2000 + 5000 - 20 }), 2000, false);
    state.take(status({ edgeAtMs: 3000 + 5000 - 900 }), 3000, false);
    expect(state.clockOffsetMs).toBe(4980);
  });

  test('a clock that was set right is believed after eight samples', () => {
    const state = new EdgeState(0);
    state.take(status({ edgeAtMs: 60_000 }), 0, false);
    for (let i = 1; i <= 8; i++) state.take(status({ edgeAtMs: i * 1000 }), i * 1000, false);
    expect(state.clockOffsetMs).toBe(0);
  });

  test('a restart is no clone; a process that comes back after another is', () => {
    const state = new EdgeState(0);
    const cloned = (instance: string) => state.take(status({ instance }), 0, false).isCloned;
    expect([cloned('a'), cloned('b'), cloned('c')]).toEqual([false, false, false]);
    expect(cloned('b')).toBe(true);
  });

  test('an inventory tells what changed, appeared and went', () => {
    const state = new EdgeState(0);
    const take = (devices: EdgeDevice[]) => state.takeInventory({ version: 1, devices, candidates: [] }).sort();
    expect(take([device('a'), device('b')])).toEqual(['a', 'b']);
    expect(take([device('a'), device('b')])).toEqual([]);
    expect(take([device('b', false), device('c')])).toEqual(['a', 'b', 'c']);
    expect([...state.devices.keys()].sort()).toEqual(['b', 'c']);
  });
});
