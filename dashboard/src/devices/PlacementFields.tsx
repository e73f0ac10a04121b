import { MapPin } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeviceType } from '../../../contract/device.ts';
import { regionTree, useRegions } from '../data/devices.ts';
import { Button } from '../ui/Button.tsx';
import { SelectField, TextField } from '../ui/Field.tsx';
import { Note } from '../ui/Note.tsx';
import { LIMITS, type NumberField, numberOf, type PlacementDraft } from './placement.ts';

interface Props {
  draft: PlacementDraft;
  onChange: (draft: PlacementDraft) => void;
  type: DeviceType;
  /** Show what is missing. */
  checked: boolean;
}

/** Name, region, coordinates, and for a camera where it looks. */
export function PlacementFields({ draft, onChange, type, checked }: Props) {
  const { t } = useTranslation();
  const regions = useRegions();
  function number(field: NumberField, label: string, testId: string, hint?: string) {
    const [min, max] = LIMITS[field];
    const bad = numberOf(draft, field) === undefined;
    const coordinate = field === 'latitude' || field === 'longitude';
    return (
      <TextField
        label={label}
        value={draft[field]}
        onChange={(value) => onChange({ ...draft, [field]: value })}
        inputMode="decimal"
        hint={hint}
        error={bad ? t(coordinate ? 'devices.place.coordinateBad' : 'devices.place.numberBad', { min, max }) : null}
        testId={testId}
      />
    );
  }
  return (
    <>
      <TextField
        label={t('devices.place.name')}
        value={draft.name}
        onChange={(name) => onChange({ ...draft, name })}
        hint={t('devices.place.nameHint')}
        error={checked && draft.name.trim() === '' ? t('devices.place.nameBad') : null}
        maxLength={100}
        testId="place-name"
      />
      <SelectField
        label={t('devices.place.region')}
        value={draft.regionId}
        onChange={(regionId) => onChange({ ...draft, regionId })}
        options={[
          { value: '', label: t('common.noRegion') },
          ...regionTree(regions.data ?? []).map(({ region, depth }) => ({
            value: region.regionId,
            label: `${'\u2003'.repeat(depth)}${region.name}`,
          })),
        ]}
        testId="place-region"
      />
      <div className="columns">
        {number('latitude', t('devices.place.latitude'), 'place-latitude')}
        {number('longitude', t('devices.place.longitude'), 'place-longitude')}
      </div>
      <Here onPosition={(latitude, longitude) => onChange({ ...draft, latitude, longitude })} />
      {type === 'camera' && (
        <div className="columns">
          {number('bearingDeg', t('devices.place.bearing'), 'place-bearing', t('devices.place.bearingHint'))}
          {number('viewDistanceM', t('devices.place.distance'), 'place-distance')}
          {number('viewAngleDeg', t('devices.place.angle'), 'place-angle')}
        </div>
      )}
    </>
  );
}

type Locating = { state: 'rest' | 'busy' | 'denied' } | { state: 'done'; meters: number };

function Here({ onPosition }: { onPosition: (latitude: string, longitude: string) => void }) {
  const { t } = useTranslation();
  const [locating, setLocating] = useState<Locating>({ state: 'rest' });
  if (!window.isSecureContext) return <span className="small faint">{t('devices.place.hereInsecure')}</span>;
  function locate(): void {
    setLocating({ state: 'busy' });
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setLocating({ state: 'done', meters: Math.round(coords.accuracy) });
        onPosition(coords.latitude.toFixed(6), coords.longitude.toFixed(6));
      },
      () => setLocating({ state: 'denied' }),
      { enableHighAccuracy: true, timeout: 20_000 },
    );
  }
  return (
    <div className="stack" data-gap="s">
      <Button
        icon={<MapPin size={18} aria-hidden />}
        busy={locating.state === 'busy'}
        onClick={locate}
        data-testid="place-here"
      >
        {locating.state === 'busy' ? t('devices.place.locating') : t('devices.place.here')}
      </Button>
      {locating.state === 'done' && (
        <span className="small muted">{t('devices.place.located', { meters: locating.meters })}</span>
      )}
      {locating.state === 'denied' && <Note tone="warn">{t('devices.place.hereDenied')}</Note>}
    </div>
  );
}
