import { describe, expect, test } from 'vitest';
import type { EdgeEvent } from '../../../../contract/event.ts';
import { loadRules } from '../../../../hub/correlation/load-rules.ts';
import { IncidentBook } from '../../../../hub/incidents/incident-book.ts';
import { newChangeSet } from '../../../../hub/incidents/incident-record.ts';
import type { Places } from '../../../../hub/incidents/places.ts';
import { at, device, located, placesOf, report } from '../incidents/town.ts';

const rules = loadRules();

/** Plays events and tells what became of them: which incident (by number) each belongs to, and why. */
function play(places: Places, events: readonly EdgeEvent[]) {
  let id = 0;
  const book = new IncidentBook({ rules, places, newId: () => `incident-${++id}` }, 0);
  const changes = newChangeSet();
  const numbers = new Map<number, EdgeEvent>();
  for (const event of events) {
    const entry = located(places, event);
    numbers.set(entry.eventNo, event);
    book.take(entry, entry.hubAtMs, changes);
  }
  const records = [...changes.opened.values()];
  const of = (event: EdgeEvent) => {
    const link = changes.links.find(({ eventNo }) => numbers.get(eventNo) === event);
    return link === undefined ? null : { incident: Number(link.incidentId.split('-')[1]), reasons: link.reasons };
  };
  return { book, records, of, changes };
}

const square = placesOf(
  device('box', { name: 'Help box 3', type: 'alarm-box', ...at(0, 0), links: ['gate-cam'] }),
  device('door', { name: 'Hall door', type: 'door', ...at(12, 0) }),
  device('far-door', { type: 'door', ...at(400, 0) }),
  device('near-cam', { type: 'camera', ...at(30, 40) }),
  device('gate-cam', { type: 'camera' }),
  device('twin', { type: 'alarm-box', ...at(1, 0) }),
  device('water-1', { type: 'sensor' }),
  device('water-2', { type: 'sensor' }),
  device('water-hill', { type: 'sensor', regionId: 'hill' }),
);

describe('what starts an incident', () => {
  test('a pressed help box does, with the reason and the cameras', () => {
    const pressed = report(0, 'box', 'help.pressed', { state: 'pulse' });
    const { records, of } = play(square, [pressed]);
    expect(records).toMatchObject([{ number: 1, rule: 'help-box', priority: 1, state: 'reported', eventCount: 1 }]);
    expect(records[0]).toMatchObject({
      regionId: 'lake',
      regionPath: ['县', '北镇', '湖村'],
      deviceName: 'Help box 3',
    });
    expect(records[0]?.cameras.map(({ deviceId }) => deviceId)).toEqual(['gate-cam', 'near-cam']);
    expect(of(pressed)?.reasons).toEqual([{ code: 'starts', params: { rule: 'help-box' } }]);
  });

  test.each([
    ['help.pressed', 'help-box'],
    ['duress', 'help-box'],
    ['door.forced', 'forced-door'],
    ['burglary', 'forced-door'],
    ['fire', 'fire'],
    ['smoke', 'fire'],
    ['gas', 'fire'],
    ['water-level.high', 'sensor-alarm'],
    ['dust.high', 'sensor-alarm'],
    ['noise.high', 'sensor-alarm'],
    ['water-quality', 'sensor-alarm'],
    ['tamper', 'intrusion'],
    ['intrusion', 'intrusion'],
    ['supervision.lost', 'other-alarm'],
    ['storage.full', 'other-alarm'],
  ] as const)('%s does, by the rule %s', (kind, rule) => {
    expect(play(square, [report(0, 'box', kind)]).records).toMatchObject([{ kind, rule }]);
  });

  test.each(['motion', 'door.opened', 'battery.low', 'device.offline', 'video.loss'] as const)(
    '%s alone does not',
    (kind) => expect(play(square, [report(0, 'box', kind)]).records).toEqual([]),
  );

  test('an urgent event of an unknown kind and an unknown device is not lost', () => {
    const event = report(0, 'nobody-knows', 'vendor.alarm-17', { priority: 2 });
    expect(play(square, [event]).records).toMatchObject([
      { kind: 'other', rule: 'other-alarm', priority: 2, regionId: null, deviceName: 'nobody-knows', cameras: [] },
    ]);
    expect(play(square, [{ ...event, priority: 3 }]).records).toEqual([]);
  });

  test('the end of a state starts nothing', () => {
    expect(play(square, [report(0, 'box', 'fire', { state: 'cleared' })]).records).toEqual([]);
  });
});

describe('what joins', () => {
  test('a door 12 m away that opened 8 s before the box was pressed, with metres, seconds and the name', () => {
    const door = report(0, 'door', 'door.opened');
    const pressed = report(8, 'box', 'help.pressed', { state: 'pulse' });
    const { records, of } = play(square, [door, pressed]);
    expect(records).toMatchObject([{ eventCount: 2, firstEventAtMs: door.edgeAtMs, lastEventAtMs: pressed.edgeAtMs }]);
    expect(of(door)?.reasons).toEqual([
      { code: 'within-distance', params: { other: 'Help box 3', seconds: -8, meters: 12 } },
    ]);
  });

  test('motion near an open incident; not motion far away, too late, or of a device without a place', () => {
    const pressed = report(0, 'box', 'help.pressed', { state: 'pulse' });
    const near = report(20, 'near-cam', 'motion');
    const late = report(20 + 500, 'near-cam', 'motion');
    const far = report(20, 'far-door', 'motion');
    const nowhere = report(20, 'water-1', 'motion');
    const { of } = play(square, [pressed, near, far, nowhere, late]);
    expect(of(near)).toEqual({
      incident: 1,
      reasons: [{ code: 'within-distance', params: { other: 'Help box 3', seconds: 20, meters: 50 } }],
    });
    expect([far, nowhere, late].map(of)).toEqual([null, null, null]);
  });

  test('a linked camera without a place on the map, in both directions of the link', () => {
    const pressed = report(0, 'box', 'help.pressed', { state: 'pulse' });
    const motion = report(3, 'gate-cam', 'motion');
    expect(play(square, [pressed, motion]).of(motion)?.reasons[0]?.code).toBe('linked');
    expect(play(square, [motion, pressed]).of(motion)?.reasons[0]?.code).toBe('linked');
    const reverse = placesOf(device('box'), device('cam', { type: 'camera', links: ['box'] }));
    const seen = report(3, 'cam', 'motion');
    expect(play(reverse, [report(0, 'box', 'help.pressed'), seen]).of(seen)?.reasons[0]?.code).toBe('linked');
    const before = report(-3, 'cam', 'motion');
    expect(play(reverse, [before, report(0, 'box', 'help.pressed')]).of(before)?.reasons[0]?.code).toBe('linked');
  });

  test('a box at the same spot: the same place', () => {
    const second = report(5, 'twin', 'help.pressed');
    const { records, of } = play(square, [report(0, 'box', 'help.pressed'), second]);
    expect(records).toHaveLength(1);
    expect(of(second)?.reasons.map(({ code }) => code)).toEqual(['same-place']);
  });

  test('high water in the same village is one flood, in another village another', () => {
    const second = report(60, 'water-2', 'water-level.high');
    const other = report(60, 'water-hill', 'water-level.high');
    const { records, of } = play(square, [report(0, 'water-1', 'water-level.high'), second, other]);
    expect(records).toHaveLength(2);
    expect(of(second)).toEqual({
      incident: 1,
      reasons: [{ code: 'same-region', params: { other: 'water-1', seconds: 60, region: '湖村' } }],
    });
  });

  test('an urgent event raises the priority of the incident that it joins', () => {
    const { records } = play(square, [report(0, 'door', 'door.held-open'), report(5, 'door', 'door.forced')]);
    expect(records).toMatchObject([{ rule: 'forced-door', priority: 1, eventCount: 2 }]);
  });

  test('a late event joins by its own time', () => {
    const pressed = report(0, 'box', 'help.pressed');
    const late = report(10, 'near-cam', 'motion');
    const { of } = play(square, [pressed, report(3000, 'water-1', 'temperature.high'), late]);
    expect(of(late)?.incident).toBe(1);
  });
});

describe('repetitions and ends', () => {
  test('a thousand repetitions of one alarm are one incident, and dashboards hear of one new incident', () => {
    const events = Array.from({ length: 1000 }, (_, i) => report(i / 100, 'box', 'help.pressed', { state: 'pulse' }));
    const { records, changes } = play(square, events);
    expect(records).toMatchObject([{ eventCount: 1000 }]);
    expect(changes.opened.size).toBe(1);
    expect(changes.entries.length).toBeLessThan(10);
  });

  test('the end of a state joins the incident that holds its begin', () => {
    const clear = report(90, 'water-1', 'water-level.high', { state: 'cleared' });
    const { records, of, book } = play(square, [report(0, 'water-1', 'water-level.high'), clear]);
    expect(records).toMatchObject([{ eventCount: 2 }]);
    expect(of(clear)?.reasons).toEqual([{ code: 'clears', params: { other: 'water-1', seconds: 90 } }]);
    expect(book.sizes.openIncidents).toBe(1);
  });

  test('an end of another part of the device does not belong to it', () => {
    const clear = report(5, 'box', 'burglary', { state: 'cleared', source: 'zone 2' });
    expect(play(square, [report(0, 'box', 'burglary', { source: 'zone 1' }), clear]).of(clear)).toBeNull();
  });

  test('after the longest duration the same alarm opens a new incident', () => {
    const events = [report(0, 'box', 'help.pressed'), report(4 * 3600 + 1, 'box', 'help.pressed')];
    expect(play(square, events).records).toHaveLength(2);
  });

  test('beyond the most events a trickle of motion no longer joins, a repetition still does', () => {
    const events = Array.from({ length: 600 }, (_, i) => report(1 + i / 10, 'near-cam', 'motion'));
    const again = report(70, 'box', 'help.pressed');
    const { records, of } = play(square, [report(0, 'box', 'help.pressed'), ...events, again]);
    expect(records[0]?.eventCount).toBe(501);
    expect(of(again)?.incident).toBe(1);
  });

  test('a closed incident takes nothing any more; the same alarm opens a new one', () => {
    const { book, records } = play(square, [report(0, 'box', 'help.pressed')]);
    const [record] = records;
    if (record === undefined) throw new Error('no incident');
    book.change({ ...record, state: 'closed', closingCode: 'handled' });
    const changes = newChangeSet();
    book.take(located(square, report(5, 'box', 'help.pressed')), 0, changes);
    expect([...changes.opened.values()]).toMatchObject([{ number: 2, rule: 'help-box' }]);
  });
});

describe('whose device it is', () => {
  test("an edge that speaks of another edge's device gets no place for it", () => {
    const changes = newChangeSet();
    const book = new IncidentBook({ rules, places: square, newId: () => 'x' }, 0);
    book.take(located(square, report(0, 'box', 'help.pressed'), 'edge-2'), 0, changes);
    expect([...changes.opened.values()]).toMatchObject([{ regionId: null, deviceName: 'box', edgeId: 'edge-2' }]);
  });
});
