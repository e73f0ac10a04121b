import i18next from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import type { IncidentSummary } from '../../../../contract/incident.ts';
import { en } from '../../../../dashboard/src/i18n/en/catalogue.ts';
import { zh } from '../../../../dashboard/src/i18n/zh/catalogue.ts';
import { cameraReason, eventReason } from '../../../../dashboard/src/incident-view/reasons.ts';
import { matches, NO_FILTER, regionsOf } from '../../../../dashboard/src/incidents/filter.ts';

const summary: IncidentSummary = {
  incidentId: 'i1',
  number: 7,
  kind: 'help.pressed',
  rule: 'help-box',
  priority: 1,
  state: 'reported',
  regionId: 'north',
  regionPath: ['County', 'North'],
  deviceName: 'Help box 3',
  firstEventAtMs: 1,
  lastEventAtMs: 2,
  openedAtMs: 3,
  owner: null,
  eventCount: 1,
  cameras: [],
  version: 1,
  closingCode: null,
};

describe('filter', () => {
  it('looks at priority, owner and any region on the path', () => {
    expect(matches(summary, NO_FILTER, 'li')).toBe(true);
    expect(matches(summary, { ...NO_FILTER, priority: '2' }, 'li')).toBe(false);
    expect(matches(summary, { ...NO_FILTER, owner: 'nobody', region: 'County' }, 'li')).toBe(true);
    expect(matches({ ...summary, owner: 'li' }, { ...NO_FILTER, owner: 'mine' }, 'li')).toBe(true);
    expect(matches({ ...summary, owner: 'zhao' }, { ...NO_FILTER, owner: 'mine' }, 'li')).toBe(false);
    expect(regionsOf([summary, summary])).toEqual(['County', 'North']);
  });
});

describe('reasons', () => {
  beforeAll(async () => {
    await i18next.init({
      lng: 'en',
      resources: { en: { translation: en }, zh: { translation: zh } },
      interpolation: { escapeValue: false },
    });
  });
  const near = { code: 'within-distance', params: { meters: 12.4, seconds: 8, other: 'Help box 3' } } as const;

  it('read as sentences in both languages', () => {
    expect(eventReason(i18next.getFixedT('en'), near)).toBe(
      'Joined because it is 12 m from Help box 3 and came 8 s later.',
    );
    expect(eventReason(i18next.getFixedT('zh'), near)).toBe('并入原因：距Help box 3 12 米，晚 8 秒上报。');
  });

  it('say earlier, at once, or nothing about the time', () => {
    const t = i18next.getFixedT('en');
    expect(eventReason(t, { ...near, params: { ...near.params, seconds: -3 } })).toContain('3 s earlier');
    expect(eventReason(t, { ...near, params: { ...near.params, seconds: 0.2 } })).toContain('at the same moment');
    expect(eventReason(t, { code: 'starts', params: { rule: 'fire' } })).toBe(
      'Started the incident, by the rule “fire”.',
    );
    expect(eventReason(t, { code: 'clears', params: { seconds: 40 } })).toContain('after 40 s');
    expect(eventReason(t, { code: 'clears', params: {} })).toBe('Belongs here because it ends the alarm.');
  });

  it('leave no placeholder open, whatever the hub leaves out', () => {
    const codes = [
      'starts',
      'same-device',
      'same-place',
      'same-region',
      'within-distance',
      'linked',
      'sees-the-place',
      'nearest',
      'own-camera',
      'clears',
    ] as const;
    for (const language of ['en', 'zh']) {
      const t = i18next.getFixedT(language);
      for (const code of codes) {
        expect(eventReason(t, { code, params: {} })).not.toMatch(/\{\{|undefined/);
        expect(cameraReason(t, { code, params: {} })).not.toMatch(/\{\{|undefined/);
      }
    }
  });
});
