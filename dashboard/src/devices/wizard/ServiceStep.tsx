import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Edge, HubCandidate } from '../../../../contract/api/devices.ts';
import type { ProbeResult } from '../../../../contract/device.ts';
import { Button } from '../../ui/Button.tsx';
import { Check } from '../../ui/Field.tsx';
import { ErrorNote, Note } from '../../ui/Note.tsx';
import { ProfileField } from '../ProfileField.tsx';

interface Props {
  edge: Edge;
  candidate: HubCandidate;
  probe: ProbeResult | undefined;
  busy: boolean;
  error: Error | null;
  onBack: () => void;
  onRegister: (choice: { profileId: string | null; record: boolean }) => void;
}

export function ServiceStep({ edge, candidate, probe, busy, error, onBack, onRegister }: Props) {
  const { t } = useTranslation();
  const [profileId, setProfileId] = useState<string | null>(probe?.suggestedProfileId ?? null);
  const camera = (probe?.type ?? candidate.type) === 'camera';
  const [record, setRecord] = useState(camera);
  function submit(event: FormEvent): void {
    event.preventDefault();
    onRegister({ profileId, record });
  }
  return (
    <form className="stack" onSubmit={submit}>
      <ProfileField edgeId={edge.edgeId} driver={candidate.driver} value={profileId} onChange={setProfileId} optional />
      {camera && (
        <Check
          label={t('devices.wizard.record')}
          hint={t('devices.wizard.recordHint')}
          checked={record}
          onChange={setRecord}
          testId="wizard-record"
        />
      )}
      <ErrorNote error={error} />
      {busy && <Note>{t('devices.wizard.registering')}</Note>}
      <div className="step-foot">
        <Button onClick={onBack} disabled={busy}>
          {t('common.back')}
        </Button>
        <Button type="submit" tone="solid" busy={busy} data-testid="wizard-register">
          {t('devices.wizard.submit')}
        </Button>
      </div>
    </form>
  );
}
