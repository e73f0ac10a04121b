import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { DriverName } from '../../../contract/device.ts';
import { useProfiles } from '../data/devices.ts';
import { SelectField } from '../ui/Field.tsx';
import { ErrorNote } from '../ui/Note.tsx';

interface Props {
  edgeId: string;
  driver: DriverName;
  value: string | null;
  onChange: (profileId: string | null) => void;
  /** May be left out; otherwise the first one is chosen. */
  optional?: boolean;
  /** What stands there while none is chosen. */
  none?: string;
  label?: string;
}

/** The profiles of one protocol that the edge knows, in the reader's language. */
export function ProfileField({ edgeId, driver, value, onChange, optional = false, label, none }: Props) {
  const { t, i18n } = useTranslation();
  const profiles = useProfiles(edgeId);
  const fitting = (profiles.data ?? []).filter((profile) => profile.driver === driver);
  const first = fitting[0]?.id ?? null;
  useEffect(() => {
    if (!optional && value === null && first !== null) onChange(first);
  }, [optional, value, first, onChange]);
  return (
    <>
      <SelectField
        label={label ?? t('devices.wizard.profile')}
        hint={t('devices.wizard.profileHint')}
        value={value ?? ''}
        onChange={(next) => onChange(next === '' ? null : next)}
        options={[
          ...(optional || fitting.length === 0 ? [{ value: '', label: none ?? t('devices.wizard.profileNone') }] : []),
          ...fitting.map((profile) => ({
            value: profile.id,
            label: i18n.language === 'zh' ? profile.titleZh : profile.title,
          })),
        ]}
        testId="wizard-profile"
      />
      <ErrorNote error={profiles.error} onRetry={() => void profiles.refetch()} />
    </>
  );
}
