import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EdgeEvent } from '../../../../contract/event.ts';
import type { IncidentSummary } from '../../../../contract/incident.ts';
import { loadRules } from '../../../../hub/correlation/load-rules.ts';
import { Incidents } from '../../../../hub/incidents/incidents.ts';
import { SqlEventStore } from '../../../../hub/ingest/sql-event-store.ts';
import type { HubStorage } from '../../../../hub/storage/hub-storage.ts';
import { silentLog } from '../../../../platform/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { type TemporaryStorage, temporaryStorage } from '../../../support/hub-storage.ts';
import { at, device, laneOf, NOON, placesOf, report } from './town.ts';

const rules = loadRules();
const places = placesOf(
  device('box', { name: 'Help box 3', type: 'alarm-box', ...at(0, 0) }),
  device('door', { type: 'door', ...at(12, 0) }),
  device('cam', { type: 'camera', ...at(30, 40) }),
  device('hill-box', { type: 'alarm-box', regionId: 'hill' }),
);

let temporary: TemporaryStorage;
let clock: FakeClock;
let told: { change: string; incident: IncidentSummary }[];
let sequence: number;
let nextId: number;

beforeEach(async () => {
  temporary = await temporaryStorage();
  clock = new FakeClock(NOON);
  told = [];
  sequence = 0;
  nextId = 0;
});
afterEach(() => temporary.remove());

function newIncidents(storage: Pick<HubStorage, 'db' | 'transact'> = temporary.storage): Incidents {
  const events = {
    emit: (...[, incident, change]: unknown[]) => {
      told.push({ incident: incident as IncidentSummary, change: String(change) });
    },
  };
  return new Incidents({ storage, places, rules, clock, log: silentLog, events, newId: () => `incident-${++nextId}` });
}

async function commit(...events: EdgeEvent[]): Promise<void> {
  const store = new SqlEventStore(temporary.storage);
  for (const event of events) {
    const gain = { epoch: 'e1', highest: ++sequence, events: [{ sequence, event }] };
    await store.commit({
      edgeId: 'edge-1',
      lane: laneOf(event.kind),
      hubAtMs: clock.nowMs(),
      gains: [gain],
      setAside: [],
    });
  }
}

async function feed(incidents: Incidents, ...events: EdgeEvent[]): Promise<void> {
  for (const event of events) {
    await commit(event);
    incidents.poke(laneOf(event.kind));
    await incidents.idle();
  }
}

const list = (incidents: Incidents) => incidents.queries.list({ state: 'all', limit: 50, before: null, regions: null });

describe('events become incidents', () => {
  test('with events in the order of their time, reasons and history', async () => {
    const incidents = newIncidents();
    await incidents.start();
    await feed(
      incidents,
      report(0, 'door', 'door.opened'),
      report(8, 'box', 'help.pressed'),
      report(9, 'cam', 'motion'),
    );
    const [summary] = await list(incidents);
    const detail = await incidents.queries.detail(summary?.incidentId ?? '');
    expect(detail).toMatchObject({ number: 1, state: 'reported', eventCount: 3, owner: null, regionId: 'lake' });
    expect(detail?.events.map(({ event, reasons }) => [event.kind, reasons[0]?.code])).toEqual([
      ['door.opened', 'within-distance'],
      ['help.pressed', 'starts'],
      ['motion', 'within-distance'],
    ]);
    expect(detail?.events[0]?.reasons[0]?.params).toEqual({ meters: 12, seconds: -8, other: 'Help box 3' });
    expect(detail?.entries.map(({ kind, text }) => [kind, text])).toEqual([
      ['opened', 'help-box'],
      ['joined', 'door'],
      ['joined', 'cam'],
    ]);
    expect(told.map(({ change }) => change)).toEqual(['opened', 'joined']);
    await incidents.stop();
  });

  test('alarms are decided on before a backlog of routine events', async () => {
    const routine = Array.from({ length: 1500 }, (_, i) => report(i, 'hill-box', 'battery.low'));
    const store = new SqlEventStore(temporary.storage);
    const events = routine.map((event, i) => ({ sequence: i + 1, event }));
    const gains = [{ epoch: 'e1', highest: 1500, events }];
    await store.commit({ edgeId: 'edge-1', lane: 'event', hubAtMs: NOON, gains, setAside: [] });
    const incidents = newIncidents();
    sequence = 0;
    await commit(report(5, 'box', 'help.pressed'));
    await incidents.start();
    let correlatedWhenOpened = -1;
    const watch = setInterval(() => {
      if (told.length > 0 && correlatedWhenOpened < 0) correlatedWhenOpened = incidents.counters()['correlated'] ?? -1;
    }, 0);
    await incidents.idle();
    clearInterval(watch);
    expect(told[0]?.change).toBe('opened');
    expect(incidents.counters()['correlated']).toBe(1501);
    expect(correlatedWhenOpened).toBeLessThan(1501);
    await incidents.stop();
  });

  test('a chattering device redraws the dashboards at most twice a second, and the last state gets through', async () => {
    const incidents = newIncidents();
    await incidents.start();
    for (let i = 0; i < 20; i++) await feed(incidents, report(i / 10, 'box', 'help.pressed', { state: 'pulse' }));
    await clock.advance(600);
    expect(told.map(({ change }) => change)).toEqual(['opened', 'joined', 'joined']);
    expect(told.at(-1)?.incident.eventCount).toBe(20);
    await incidents.stop();
    expect(clock.timers).toBe(0);
  });
});

describe('after a restart', () => {
  test('events that were committed but not decided on are made up for, each once', async () => {
    const first = newIncidents();
    await first.start();
    await feed(first, report(0, 'box', 'help.pressed'));
    await first.stop();
    await commit(report(5, 'cam', 'motion'), report(6, 'hill-box', 'fire'));
    const second = newIncidents();
    await second.start();
    await second.idle();
    expect((await list(second)).map(({ number, eventCount }) => [number, eventCount])).toEqual([
      [2, 1],
      [1, 2],
    ]);
    await second.stop();
    const third = newIncidents();
    await third.start();
    await third.idle();
    expect(third.counters()['correlated']).toBe(0);
    await third.stop();
  });

  test('what was open still takes events, repetitions, ends, and reaches back', async () => {
    const first = newIncidents();
    await first.start();
    await feed(first, report(0, 'box', 'fire'), report(1, 'door', 'door.opened', { source: 'left' }));
    await feed(first, report(2, 'hill-box', 'motion'));
    await first.stop();
    const second = newIncidents();
    await second.start();
    await feed(second, report(5, 'box', 'fire'), report(60, 'box', 'fire', { state: 'cleared' }));
    await feed(second, report(10, 'hill-box', 'tamper'));
    const [hill, box] = await list(second);
    expect(box).toMatchObject({ eventCount: 4 });
    expect(hill).toMatchObject({ eventCount: 2 });
    const detail = await second.queries.detail(box?.incidentId ?? '');
    expect(detail?.events.at(-1)?.reasons[0]).toEqual({ code: 'clears', params: { other: 'Help box 3', seconds: 55 } });
    await second.stop();
  });

  test.each(['before', 'after'] as const)(
    'a failure %s the disk has it leaves no event twice or undecided',
    async (when) => {
      let failures = 2;
      const { storage } = temporary;
      const flaky = {
        db: storage.db,
        transact: async (writes: Parameters<HubStorage['transact']>[0]) => {
          const fails = failures > 0;
          if (fails) failures--;
          if (fails && when === 'before') throw new Error('the disk failed');
          const results = await storage.transact(writes);
          if (fails) throw new Error('the answer got lost');
          return results;
        },
      };
      const incidents = newIncidents(flaky);
      await incidents.start();
      await commit(report(0, 'box', 'help.pressed'), report(1, 'hill-box', 'help.pressed'));
      incidents.poke('alarm');
      await incidents.idle();
      await clock.advance(1000);
      await incidents.idle();
      await clock.advance(1000);
      await incidents.idle();
      const all = await list(incidents);
      expect(all.map(({ eventCount }) => eventCount)).toEqual([1, 1]);
      expect(new Set(all.map(({ number }) => number)).size).toBe(2);
      const links = await storage.db.selectFrom('incident_events').selectAll().execute();
      expect(links).toHaveLength(2);
      await incidents.stop();
    },
  );
});

describe('steps of people', () => {
  async function opened(): Promise<{ incidents: Incidents; id: string }> {
    const incidents = newIncidents();
    await incidents.start();
    await feed(incidents, report(0, 'box', 'help.pressed'));
    const [summary] = await list(incidents);
    return { incidents, id: summary?.incidentId ?? '' };
  }

  test('accept, note, close', async () => {
    const { incidents, id } = await opened();
    const accepted = await incidents.accept(id, 'li', 1);
    expect(accepted).toMatchObject({ state: 'accepted', owner: 'li', version: 2 });
    const noted = await incidents.addEntry(id, { by: 'wang', kind: 'note', text: 'on the way' });
    const closed = await incidents.close(id, 'li', noted.version, 'handled', 'all well');
    expect(closed).toMatchObject({ state: 'closed', closingCode: 'handled', owner: 'li' });
    expect(closed.entries.map(({ by, kind, text }) => [by, kind, text])).toEqual([
      [null, 'opened', 'help-box'],
      ['li', 'accepted', ''],
      ['wang', 'note', 'on the way'],
      ['li', 'closed', 'all well'],
    ]);
    expect(told.map(({ change }) => change)).toEqual(['opened', 'accepted', 'noted', 'closed']);
    await incidents.stop();
  });

  test('of two who accept at once one gets CONFLICT and the other the incident', async () => {
    const { incidents, id } = await opened();
    const results = await Promise.allSettled([incidents.accept(id, 'li', 1), incidents.accept(id, 'wang', 1)]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(results[1]).toMatchObject({ reason: { code: 'CONFLICT', context: { owner: 'li' } } });
    expect((await incidents.queries.record(id))?.owner).toBe('li');
    await incidents.stop();
  });

  test('events and notes that came in between are no reason to refuse a step', async () => {
    const { incidents, id } = await opened();
    await feed(incidents, report(3, 'cam', 'motion'));
    await incidents.addEntry(id, { by: 'wang', kind: 'note', text: 'seen' });
    await expect(incidents.accept(id, 'li', 1)).resolves.toMatchObject({ state: 'accepted', owner: 'li' });
    await incidents.stop();
  });

  test('a version that never was is refused; a closed incident takes no step and no event, but a note', async () => {
    const { incidents, id } = await opened();
    await expect(incidents.accept(id, 'li', 99)).rejects.toMatchObject({ code: 'CONFLICT' });
    const closed = await incidents.close(id, 'li', 1, 'false-alarm', '');
    await expect(incidents.accept(id, 'li', closed.version)).rejects.toMatchObject({ code: 'INCIDENT_STATE' });
    await expect(incidents.addEntry(id, { by: 'li', kind: 'note', text: 'x' })).resolves.toMatchObject({
      state: 'closed',
    });
    await feed(incidents, report(9, 'box', 'help.pressed'));
    expect((await list(incidents)).map(({ number, state }) => [number, state])).toEqual([
      [2, 'reported'],
      [1, 'closed'],
    ]);
    await expect(incidents.accept('incident-x', 'li', 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await incidents.stop();
  });

  test('a step that the disk refused changes nothing', async () => {
    const { storage } = temporary;
    let fails = false;
    const flaky = {
      db: storage.db,
      transact: (writes: Parameters<HubStorage['transact']>[0]) =>
        fails ? Promise.reject(new Error('the disk failed')) : storage.transact(writes),
    };
    const incidents = newIncidents(flaky);
    await incidents.start();
    await feed(incidents, report(0, 'box', 'help.pressed'));
    const [summary] = await list(incidents);
    const id = summary?.incidentId ?? '';
    fails = true;
    await expect(incidents.accept(id, 'li', 1)).rejects.toThrow('the disk failed');
    fails = false;
    await expect(incidents.accept(id, 'wang', 1)).resolves.toMatchObject({ owner: 'wang', version: 2 });
    await incidents.stop();
  });
});

describe('lists', () => {
  test('incidents of an area, most urgent first, in pages', async () => {
    const incidents = newIncidents();
    await incidents.start();
    await feed(
      incidents,
      report(0, 'hill-box', 'help.pressed'),
      report(1000, 'door', 'door.held-open'),
      report(2000, 'cam', 'tamper'),
    );
    const numbers = async (filter: object): Promise<number[]> => {
      const base = { state: 'open', limit: 10, before: null, regions: null } as const;
      return (await incidents.queries.list({ ...base, ...filter })).map(({ number }) => number);
    };
    expect(await numbers({})).toEqual([1, 3, 2]);
    expect(await numbers({ regions: ['lake'] })).toEqual([3, 2]);
    expect(await numbers({ regions: [] })).toEqual([]);
    expect(await numbers({ before: 3, limit: 1, state: 'all' })).toEqual([2]);
    expect(await numbers({ state: 'closed' })).toEqual([]);
    await incidents.stop();
  });

  test('events of an area or of a device, newest first, with their reasons', async () => {
    const incidents = newIncidents();
    await incidents.start();
    await feed(
      incidents,
      report(0, 'box', 'help.pressed'),
      report(1, 'hill-box', 'motion'),
      report(2, 'ghost', 'motion'),
    );
    const kinds = async (includes: (regionId: string | null) => boolean, deviceId: string | null = null) =>
      (await incidents.queries.listEvents({ deviceId, limit: 10, includes })).map(({ event }) => event.deviceId);
    expect(await kinds(() => true)).toEqual(['ghost', 'hill-box', 'box']);
    expect(await kinds((regionId) => regionId === 'hill')).toEqual(['hill-box']);
    expect(await kinds(() => true, 'box')).toEqual(['box']);
    await incidents.stop();
  });
});
