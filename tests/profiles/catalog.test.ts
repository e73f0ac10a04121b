import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isEventKind } from '../../contract/event.ts';
import { loadProfiles } from '../../edge/profiles/load.ts';
import { proveSamples, unprovenRules } from '../../edge/profiles/prove.ts';

const catalog = loadProfiles(join(import.meta.dirname, '..', '..', 'device-profiles'));

describe('every device profile', () => {
  for (const profile of catalog.list()) {
    describe(profile.id, () => {
      test.each(proveSamples(profile))('maps as its sample says: $description', ({ wanted, found }) => {
        expect(found).toEqual(wanted);
      });

      test('proves each of its rules with a sample', () => {
        const base = profile.extends === undefined ? null : catalog.get(profile.extends);
        expect(unprovenRules(profile, base)).toEqual([]);
      });

      test('uses ids once and kinds of the contract only', () => {
        const ids = [...(profile.events ?? []), ...(profile.readings ?? [])].map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        for (const { kind } of profile.events ?? []) expect(isEventKind(kind)).toBe(true);
      });

      test('names limits that exist and do not contradict each other', () => {
        const limit = (value: number | string): number | undefined =>
          typeof value === 'number' ? value : profile.parameters?.[value]?.default;
        for (const { direction, raiseAt, clearAt } of (profile.readings ?? []).flatMap((r) => r.thresholds ?? [])) {
          const [raise, clear] = [limit(raiseAt), limit(clearAt)];
          if (raise === undefined || clear === undefined) throw new Error('a limit names no parameter');
          expect(direction === 'above' ? clear <= raise : clear >= raise).toBe(true);
        }
      });

      test('reports places and things, no faces and no holders of cards', () => {
        expect(JSON.stringify(profile.events ?? [])).not.toMatch(/face|holder|CredentialToken/i);
      });

      test('links its caveats to addresses', () => {
        for (const { link } of profile.caveats ?? []) expect(link === undefined || URL.canParse(link)).toBe(true);
      });
    });
  }
});

describe('the catalog as a whole', () => {
  test('has a generic profile for every driver that reports events', () => {
    const generic = catalog.list().filter(({ id }) => id.startsWith('generic/'));
    expect(new Set(generic.map(({ driver }) => driver))).toEqual(
      new Set(['onvif', 'sia-dc09', 'mqtt-device', 'hj212', 'modbus']),
    );
  });

  test('suggests by maker, else generically, never across types', () => {
    const pick = (manufacturer: string | null): string | undefined =>
      catalog.suggest('onvif', 'camera', { manufacturer, model: null })?.id;
    expect(pick('AXIS')).toBe('axis/onvif-camera');
    expect(pick('Reolink Digital')).toBe('reolink/onvif-camera');
    expect(pick('Somebody else')).toBe('generic/onvif-camera');
    expect(pick(null)).toBe('generic/onvif-camera');
    expect(catalog.suggest('onvif', 'door', { manufacturer: 'AXIS', model: null })?.id).toBe('generic/onvif-door');
    expect(catalog.suggest('rtsp', 'camera', { manufacturer: 'AXIS', model: null })).toBeNull();
  });
});
