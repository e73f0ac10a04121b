import type { TFunction } from 'i18next';
import type { Reason } from '../../../contract/incident.ts';

function whenClause(t: TFunction, seconds: unknown): string {
  if (typeof seconds !== 'number') return '';
  const rounded = Math.round(Math.abs(seconds));
  if (rounded === 0) return t('incidents.reason.atOnce');
  return t(seconds > 0 ? 'incidents.reason.later' : 'incidents.reason.earlier', { seconds: rounded });
}

/** The sentence for why an event belongs to an incident. */
export function eventReason(t: TFunction, { code, params }: Reason): string {
  const seconds = params['seconds'];
  if (code === 'clears' && typeof seconds !== 'number') return t('incidents.reason.clears-plain');
  return t(`incidents.reason.${code}`, {
    seconds: typeof seconds === 'number' ? Math.round(seconds) : '?',
    rule: params['rule'] ?? '–',
    meters: metersOf(params) ?? '?',
    other: params['other'] ?? t('incidents.reason.theDevice'),
    region: params['region'] ?? t('incidents.reason.theRegion'),
    when: whenClause(t, params['seconds']),
  });
}

/** The sentence for why a camera is shown with an incident. */
export function cameraReason(t: TFunction, { code, params }: Reason): string {
  const meters = metersOf(params);
  const other = params['other'] ?? t('incidents.reason.theDevice');
  switch (code) {
    case 'sees-the-place':
      return meters === null
        ? t('incidents.reason.sees-the-place-plain')
        : t('incidents.reason.sees-the-place', { meters });
    case 'nearest':
      return meters === null ? t('incidents.reason.nearest-plain') : t('incidents.reason.nearest', { meters });
    case 'linked':
      return t('incidents.reason.linkedCamera', { other });
    case 'same-region':
      return t('incidents.reason.sameRegionCamera', { region: params['region'] ?? '' });
    case 'same-place':
      return t('incidents.reason.samePlaceCamera');
    case 'within-distance':
      return t('incidents.reason.withinDistanceCamera', { meters: meters ?? '?' });
    default:
      return t('incidents.reason.own-camera');
  }
}

function metersOf(params: Reason['params']): number | null {
  const meters = params['meters'];
  return typeof meters === 'number' ? Math.round(meters) : null;
}
