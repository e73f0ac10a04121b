import { describe, expect, it } from 'vitest';
import { ROLES } from '../../../../contract/access.ts';
import { REGION_LEVELS } from '../../../../contract/api/devices.ts';
import { DEVICE_REASONS } from '../../../../contract/device.ts';
import { ERRORS } from '../../../../contract/errors.ts';
import { EVENT_KIND_LIST } from '../../../../contract/event.ts';
import { GAP_CAUSES } from '../../../../contract/footage.ts';
import { CLOSING_CODES, INCIDENT_STATES, Reason } from '../../../../contract/incident.ts';
import { TILE_REASONS } from '../../../../contract/live.ts';
import { en } from '../../../../dashboard/src/i18n/en/catalogue.ts';
import { zh } from '../../../../dashboard/src/i18n/zh/catalogue.ts';

const dashed = (kind: string): string => kind.replaceAll('.', '-');

describe.each([
  ['English', en],
  ['Chinese', zh],
])('%s has a text for every member of', (_, catalogue) => {
  const vocabularies: [string, readonly string[], object][] = [
    ['error codes', [...Object.keys(ERRORS), 'OFFLINE'], catalogue.errors],
    ['tile reasons', TILE_REASONS, catalogue.words.tile],
    ['device reasons', [...DEVICE_REASONS, 'edge-offline'], catalogue.words.device],
    ['event kinds', EVENT_KIND_LIST.map(dashed), catalogue.words.kinds],
    ['gap causes', GAP_CAUSES, catalogue.words.gap],
    ['closing codes', CLOSING_CODES, catalogue.words.closingCode],
    ['incident states', INCIDENT_STATES, catalogue.words.incidentState],
    ['roles', ROLES, catalogue.words.role],
    ['region levels', REGION_LEVELS, catalogue.words.level],
  ];
  it.each(vocabularies)('the %s, and for nothing else', (_name, members, texts) => {
    expect(Object.keys(texts).sort()).toEqual([...members].sort());
  });

  it('the reasons of incidents', () => {
    const codes = Reason.properties.code.anyOf.map((literal) => literal.const);
    expect(codes.length).toBeGreaterThan(5);
    for (const code of codes) expect(catalogue.incidents.reason).toHaveProperty(code);
  });
});
