import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeviceType } from '../../../../contract/device.ts';
import { Button } from '../../ui/Button.tsx';
import { PlacementFields } from '../PlacementFields.tsx';
import { type PlacementDraft, placementOf } from '../placement.ts';

interface Props {
  draft: PlacementDraft;
  onChange: (draft: PlacementDraft) => void;
  type: DeviceType;
  onBack: () => void;
  onNext: () => void;
}

export function PlaceStep({ draft, onChange, type, onBack, onNext }: Props) {
  const { t } = useTranslation();
  const [checked, setChecked] = useState(false);
  function submit(event: FormEvent): void {
    event.preventDefault();
    setChecked(true);
    if (placementOf(draft) !== null) onNext();
  }
  return (
    <form className="stack" onSubmit={submit}>
      <PlacementFields draft={draft} onChange={onChange} type={type} checked={checked} />
      <div className="step-foot">
        <Button onClick={onBack}>{t('common.back')}</Button>
        <Button type="submit" tone="solid" data-testid="wizard-to-service">
          {t('devices.wizard.toService')}
        </Button>
      </div>
    </form>
  );
}
