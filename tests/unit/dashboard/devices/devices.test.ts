import { describe, expect, it } from 'vitest';
import { EMPTY_DRAFT, numberOf, placementOf } from '../../../../dashboard/src/devices/placement.ts';
import { randomPassword } from '../../../../dashboard/src/devices/sealing.ts';

describe('placementOf', () => {
  const draft = { ...EMPTY_DRAFT, name: ' Market, east gate ' };

  it('needs a name and takes everything else as optional', () => {
    expect(placementOf(EMPTY_DRAFT)).toBeNull();
    expect(placementOf(draft)).toEqual({
      name: 'Market, east gate',
      regionId: null,
      latitude: null,
      longitude: null,
      bearingDeg: null,
      viewDistanceM: null,
      viewAngleDeg: null,
      links: [],
    });
  });

  it('reads numbers as people type them and refuses what lies outside', () => {
    expect(numberOf({ ...draft, latitude: ' 32,1312 ' }, 'latitude')).toBe(32.1312);
    expect(numberOf({ ...draft, latitude: '91' }, 'latitude')).toBeUndefined();
    expect(numberOf({ ...draft, bearingDeg: 'north' }, 'bearingDeg')).toBeUndefined();
    expect(placementOf({ ...draft, viewAngleDeg: '0' })).toBeNull();
    expect(placementOf({ ...draft, bearingDeg: '0' })?.bearingDeg).toBe(0);
  });
});

describe('randomPassword', () => {
  it('has 20 characters that cannot be mistaken for each other, evenly drawn', () => {
    const seen = new Map<string, number>();
    let next = 0;
    for (let i = 0; i < 200; i++) {
      const password = randomPassword((count) => Uint8Array.from({ length: count }, () => next++ % 256));
      expect(password).toMatch(/^[a-km-np-zA-HJ-NP-Z2-9]{20}$/);
      for (const letter of password) seen.set(letter, (seen.get(letter) ?? 0) + 1);
    }
    expect(seen.size).toBe(55);
  });
});
