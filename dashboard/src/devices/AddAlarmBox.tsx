import { useMutation } from '@tanstack/react-query';
import { CircleCheck } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { takeDevice } from '../data/devices.ts';
import { api } from '../data/services.ts';
import { Button } from '../ui/Button.tsx';
import { CopyText } from '../ui/CopyText.tsx';
import { Empty } from '../ui/Empty.tsx';
import { SelectField, TextField } from '../ui/Field.tsx';
import { ErrorNote } from '../ui/Note.tsx';
import { PlacementFields } from './PlacementFields.tsx';
import { ProfileField } from './ProfileField.tsx';
import { EMPTY_DRAFT, placementOf } from './placement.ts';
import { Steps } from './Steps.tsx';
import { listenerOf, useChosenEdge } from './use-chosen-edge.ts';

/** An alarm box that calls the edge by SIA DC-09; known by its account number. */
export default function AddAlarmBox() {
  const { t } = useTranslation();
  const { edges, edge, choose } = useChosenEdge();
  const [draft, setDraft] = useState(EMPTY_DRAFT);
  const [account, setAccount] = useState('');
  const [profileId, setProfileId] = useState<string | null>(null);
  const [checked, setChecked] = useState(false);
  const fine = /^[0-9A-Fa-f]{3,16}$/.test(account.trim());
  const register = useMutation({
    mutationFn: () => {
      const placement = placementOf(draft);
      if (edge === undefined || placement === null) throw new Error('checked before');
      return api.call('registerDevice', {
        body: {
          edgeId: edge.edgeId,
          candidateId: null,
          driver: 'sia-dc09',
          type: 'alarm-box',
          connection: { account: account.trim().toUpperCase() },
          profileId,
          record: false,
          placement,
        },
      });
    },
    onSuccess: (answer) => takeDevice(answer.device),
  });
  const receiver = edge === undefined ? null : listenerOf(edge, /dc-?09|sia|alarm/i);
  function submit(event: FormEvent): void {
    event.preventDefault();
    setChecked(true);
    if (fine && placementOf(draft) !== null) register.mutate();
  }
  if (register.data !== undefined) {
    return (
      <Steps title={t('devices.box.doneTitle')}>
        <Empty
          icon={<CircleCheck size={44} strokeWidth={1.5} aria-hidden />}
          title={register.data.device.name}
          testId="box-done"
          actions={
            <Link className="button" data-tone="solid" to={`/devices/registered/${register.data.device.deviceId}`}>
              {t('devices.wizard.toDevice')}
            </Link>
          }
        >
          {t('devices.box.doneLead')}
        </Empty>
      </Steps>
    );
  }
  return (
    <Steps title={t('devices.box.title')}>
      <form className="stack" onSubmit={submit} data-testid="box-form">
        <p className="muted">{t('devices.box.lead')}</p>
        <SelectField
          label={t('devices.edge')}
          value={edge?.edgeId ?? ''}
          onChange={choose}
          options={edges.map((each) => ({ value: each.edgeId, label: each.name }))}
          testId="box-edge"
        />
        {receiver !== null && <CopyText label={t('devices.box.receiver')} text={receiver} />}
        <TextField
          label={t('devices.box.account')}
          value={account}
          onChange={setAccount}
          hint={t('devices.box.accountHint')}
          error={checked && !fine ? t('devices.box.accountBad') : null}
          maxLength={16}
          mono
          testId="box-account"
        />
        {edge !== undefined && (
          <ProfileField edgeId={edge.edgeId} driver="sia-dc09" value={profileId} onChange={setProfileId} />
        )}
        <PlacementFields draft={draft} onChange={setDraft} type="alarm-box" checked={checked} />
        <ErrorNote error={register.error} />
        <div className="step-foot">
          <Button
            type="submit"
            tone="solid"
            busy={register.isPending}
            disabled={edge === undefined}
            data-testid="box-submit"
          >
            {t('devices.box.submit')}
          </Button>
        </div>
      </form>
    </Steps>
  );
}
