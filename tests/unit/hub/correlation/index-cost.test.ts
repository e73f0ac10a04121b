import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GeoGrid } from '../../../../hub/correlation/geo-grid.ts';
import { IncidentIndex } from '../../../../hub/correlation/incident-index.ts';
import { loadRules } from '../../../../hub/correlation/load-rules.ts';
import type { OpenIncident } from '../../../../hub/correlation/open-incident.ts';
import { metersBetween } from '../../../../hub/correlation/place.ts';
import { reasonFor } from '../../../../hub/correlation/reasons.ts';
import { at, device, located, NOON, placesOf, report } from '../incidents/town.ts';

const rules = loadRules();
const rule = rules.rule('help-box');
if (rule === undefined) throw new Error('the rule help-box is missing');
const helpBox = rule;

function openAt(incidentId: string, east: number, north: number): OpenIncident {
  const start = placesOf(device(incidentId, at(east, north))).ofEvent('edge-1', incidentId);
  const times = { firstEventAtMs: NOON, lastEventAtMs: NOON };
  const state = { priority: 1 as const, eventCount: 1, alarms: new Set<string>(), active: new Map<string, number>() };
  return { incidentId, number: 1, rule: helpBox, start, ...times, ...state };
}

test('what is within a distance is always among the cells around it', () => {
  const place = fc.record({
    latitude: fc.double({ min: -60, max: 60, noNaN: true }),
    longitude: fc.double({ min: -179, max: 179, noNaN: true }),
    dLat: fc.double({ min: -0.01, max: 0.01, noNaN: true }),
    dLon: fc.double({ min: -0.01, max: 0.01, noNaN: true }),
    meters: fc.integer({ min: 1, max: 1500 }),
    cell: fc.integer({ min: 50, max: 500 }),
  });
  fc.assert(
    fc.property(place, ({ latitude, longitude, dLat, dLon, meters, cell }) => {
      const grid = new GeoGrid(cell);
      const other = { latitude: latitude + dLat, longitude: longitude + dLon };
      fc.pre(metersBetween({ latitude, longitude }, other) <= meters * 0.999);
      expect(grid.cellsAround({ latitude, longitude }, meters)).toContain(grid.cellOf(other));
    }),
    { numRuns: 2000 },
  );
});

test('the index finds exactly what a look at every open incident would find', () => {
  const positions = fc.array(fc.tuple(fc.integer({ min: -300, max: 300 }), fc.integer({ min: -300, max: 300 })), {
    maxLength: 25,
  });
  fc.assert(
    fc.property(positions, (points) => {
      const index = new IncidentIndex(rules);
      const all = points.map(([east, north], i) => openAt(`i-${i}`, east, north));
      for (const incident of all) index.add(incident);
      const places = placesOf(device('cam', { type: 'camera', ...at(0, 0) }));
      const event = located(places, report(5, 'cam', 'motion'));
      for (const clause of rules.clauses(helpBox, 'motion')) {
        const fits = (incident: OpenIncident): boolean => reasonFor(event, clause, incident) !== null;
        expect(new Set(index.near(event.place).filter(fits))).toEqual(new Set(all.filter(fits)));
      }
    }),
    { numRuns: 200 },
  );
});

test('how many incidents are looked at does not grow with how many are open elsewhere', () => {
  const looked = (open: number): number => {
    const index = new IncidentIndex(rules);
    for (let i = 0; i < open; i++) index.add(openAt(`i-${i}`, (i % 100) * 600, Math.floor(i / 100) * 600));
    const places = placesOf(device('cam', { type: 'camera', ...at(600, 600) }));
    const event = located(places, report(5, 'cam', 'motion'));
    return index.near(event.place).length;
  };
  expect(looked(10_000)).toBe(looked(400));
  expect(looked(400)).toBeGreaterThan(0);
});

test('removing an incident leaves nothing of it behind', () => {
  const index = new IncidentIndex(rules);
  const incident = openAt('i-1', 0, 0);
  index.add(incident);
  const alarm = report(1, 'i-1', 'help.pressed');
  index.joined(incident, alarm);
  index.remove('i-1');
  expect(index.size).toBe(0);
  expect(index.withAlarm(alarm)).toEqual([]);
  expect(index.clearedBy({ ...alarm, state: 'cleared' })).toBeUndefined();
});
