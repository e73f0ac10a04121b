import { describe, expect, test } from 'vitest';
import { loadRules } from '../../../../hub/correlation/load-rules.ts';
import { camerasFor, withCamerasOf } from '../../../../hub/incidents/cameras.ts';
import type { PlacedDevice, Places } from '../../../../hub/incidents/places.ts';
import { at, device, placesOf } from './town.ts';

const rule = loadRules().rule('help-box');
if (rule === undefined) throw new Error('the rule help-box is missing');
const wanted = rule.cameras;

const camera = (id: string, changes: Partial<PlacedDevice>): PlacedDevice => device(id, { type: 'camera', ...changes });
const view = (bearingDeg: number, viewDistanceM: number, viewAngleDeg: number | null = 60) => {
  return { bearingDeg, viewDistanceM, viewAngleDeg };
};

function order(places: Places, deviceId: string): [string, string[]][] {
  return camerasFor(places.ofEvent('edge-1', deviceId), wanted, places).map(({ deviceId: id, reasons }) => [
    id,
    reasons.map(({ code }) => code),
  ]);
}

describe('cameras of an incident', () => {
  test('the reporting one, then those that look at the place, then linked, then nearest', () => {
    const places = placesOf(
      camera('own', { ...at(0, 0), links: ['linked'] }),
      camera('looks', { ...at(0, -250), ...view(0, 400) }),
      camera('looks-away', { ...at(0, -30), ...view(180, 400) }),
      camera('linked', {}),
      camera('far', { ...at(5000, 0) }),
    );
    expect(order(places, 'own')).toEqual([
      ['own', ['own-camera']],
      ['looks', ['sees-the-place', 'nearest']],
      ['linked', ['linked']],
      ['looks-away', ['nearest']],
    ]);
  });

  test('a view is as far and as wide as it says; the bearing wraps at north', () => {
    const seers = (bearing: number, angle: number | null, distance: number): string[] => {
      const places = placesOf(
        device('box', at(0, 0)),
        camera('cam', { ...at(0, -100), ...view(bearing, distance, angle) }),
      );
      return order(places, 'box').flatMap(([id, codes]) => (codes.includes('sees-the-place') ? [id] : []));
    };
    expect(seers(0, 60, 150)).toEqual(['cam']);
    expect(seers(350, 60, 150)).toEqual(['cam']);
    expect(seers(29, 60, 150)).toEqual(['cam']);
    expect(seers(31, 60, 150)).toEqual([]);
    expect(seers(44, null, 150)).toEqual(['cam']);
    expect(seers(180, 360, 150)).toEqual(['cam']);
    expect(seers(0, 60, 99)).toEqual([]);
  });

  test('who sees the place from nearer comes first', () => {
    const places = placesOf(
      device('box', at(0, 0)),
      camera('b', { ...at(0, -80), ...view(0, 200) }),
      camera('a', { ...at(0, 40), ...view(180, 200) }),
    );
    expect(order(places, 'box').map(([id]) => id)).toEqual(['a', 'b']);
  });

  test('a place that is not on the map gets the cameras of its region', () => {
    const places = placesOf(device('box'), camera('here', {}), camera('elsewhere', { regionId: 'hill' }));
    expect(order(places, 'box')).toEqual([['here', ['same-region']]]);
  });

  test('never more than sixteen', () => {
    const cameras = Array.from({ length: 40 }, (_, i) => camera(`cam-${i}`, { ...at(0, -10 - i), ...view(0, 200) }));
    expect(order(placesOf(device('box', at(0, 0)), ...cameras), 'box')).toHaveLength(16);
  });

  test('a removed camera is gone, a moved one has moved', () => {
    const places = placesOf(device('box', at(0, 0)), camera('a', at(10, 0)), camera('b', at(20, 0)));
    places.remove('a');
    places.set(camera('b', at(9000, 0)));
    expect(order(places, 'box')).toEqual([]);
  });

  test('a device that joins brings its own and linked cameras, behind those that are there', () => {
    const places = placesOf(
      device('box', at(0, 0)),
      camera('a', at(10, 0)),
      device('door', { links: ['far'] }),
      camera('far', {}),
    );
    const before = camerasFor(places.ofEvent('edge-1', 'box'), wanted, places);
    const start = places.ofEvent('edge-1', 'box');
    const after = withCamerasOf(before, places.ofEvent('edge-1', 'door'), start, places);
    expect(after.map(({ deviceId, reasons }) => [deviceId, reasons[0]?.code])).toEqual([
      ['a', 'nearest'],
      ['far', 'linked'],
    ]);
  });
});
