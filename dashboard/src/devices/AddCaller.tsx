import { useMutation } from '@tanstack/react-query';
import { CircleCheck } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { DeviceConnection, DeviceType, DriverName } from '../../../contract/device.ts';
import { takeDevice } from '../data/devices.ts';
import { api } from '../data/services.ts';
import { Button } from '../ui/Button.tsx';
import { CopyText } from '../ui/CopyText.tsx';
import { Empty } from '../ui/Empty.tsx';
import { SelectField, TextField } from '../ui/Field.tsx';
import { ErrorNote, Note } from '../ui/Note.tsx';
import { PlacementFields } from './PlacementFields.tsx';
import { ProfileField } from './ProfileField.tsx';
import { EMPTY_DRAFT, placementOf } from './placement.ts';
import { Steps } from './Steps.tsx';
import { canSeal, sealFor } from './sealing.ts';
import { listenerOf, useChosenEdge } from './use-chosen-edge.ts';

/** What a device is known by that no search finds, and how. */
interface Caller {
  driver: DriverName;
  type: DeviceType;
  number: RegExp;
  maxLength: number;
  /** Names of the listener on the edge that it calls; null when the edge calls it. */
  listener: RegExp | null;
  connection(number: string): DeviceConnection;
  /** It may send a password with each report. */
  hasPassword: boolean;
  /** A profile has to be chosen: nobody can guess what it means. */
  needsChoice: boolean;
}

const CALLERS = {
  /** SIA DC-09; known by its account. */
  box: {
    driver: 'sia-dc09',
    type: 'alarm-box',
    number: /^[0-9A-Fa-f]{3,16}$/,
    maxLength: 16,
    listener: /dc-?09|sia|alarm/i,
    connection: (account) => ({ account: account.toUpperCase() }),
    hasPassword: false,
    needsChoice: false,
  },
  /** HJ 212; known by its MN. */
  station: {
    driver: 'hj212',
    type: 'sensor',
    number: /^[A-Za-z0-9_-]{1,64}$/,
    maxLength: 64,
    listener: /hj-?212/i,
    connection: (station) => ({ station }),
    hasPassword: true,
    needsChoice: false,
  },
  /** Modbus TCP; the edge asks it at its address. */
  meter: {
    driver: 'modbus',
    type: 'sensor',
    number: /^modbus:\/\/[^\s/@]+(\/\d{1,3})?$/,
    maxLength: 128,
    listener: null,
    connection: (url) => ({ url }),
    hasPassword: false,
    needsChoice: true,
  },
} as const satisfies Record<string, Caller>;

/** A device that no search finds: one that calls the edge, known by its number, or a meter, known by its address. */
export default function AddCaller({ kind }: { kind: keyof typeof CALLERS }) {
  const { t } = useTranslation();
  const caller: Caller = CALLERS[kind];
  const { edges, edge, choose } = useChosenEdge();
  const [draft, setDraft] = useState(EMPTY_DRAFT);
  const [number, setNumber] = useState('');
  const [password, setPassword] = useState('');
  const [profileId, setProfileId] = useState<string | null>(null);
  const [checked, setChecked] = useState(false);
  const fine = caller.number.test(number.trim());
  const register = useMutation({
    mutationFn: async () => {
      const placement = placementOf(draft);
      if (edge === undefined || placement === null) throw new Error('checked before');
      return api.call('registerDevice', {
        body: {
          edgeId: edge.edgeId,
          candidateId: null,
          driver: caller.driver,
          type: caller.type,
          connection: {
            ...caller.connection(number.trim()),
            ...(password.trim() === '' ? {} : { password: await sealFor(edge, password.trim()) }),
          },
          profileId,
          record: false,
          placement,
        },
      });
    },
    onSuccess: (answer) => takeDevice(answer.device),
  });
  const receiver = edge === undefined || caller.listener === null ? null : listenerOf(edge, caller.listener);
  function submit(event: FormEvent): void {
    event.preventDefault();
    setChecked(true);
    if (fine && placementOf(draft) !== null) register.mutate();
  }
  if (register.data !== undefined) {
    return (
      <Steps title={t(`devices.${kind}.doneTitle`)}>
        <Empty
          icon={<CircleCheck size={44} strokeWidth={1.5} aria-hidden />}
          title={register.data.device.name}
          testId="caller-done"
          actions={
            <Link className="button" data-tone="solid" to={`/devices/registered/${register.data.device.deviceId}`}>
              {t('devices.wizard.toDevice')}
            </Link>
          }
        >
          {t(`devices.${kind}.doneLead`)}
        </Empty>
      </Steps>
    );
  }
  return (
    <Steps title={t(`devices.${kind}.title`)}>
      <form className="stack" onSubmit={submit} data-testid="caller-form" data-kind={kind}>
        <p className="muted">{t(`devices.${kind}.lead`)}</p>
        <SelectField
          label={t('devices.edge')}
          value={edge?.edgeId ?? ''}
          onChange={choose}
          options={edges.map((each) => ({ value: each.edgeId, label: each.name }))}
          testId="caller-edge"
        />
        {receiver !== null && <CopyText label={t('devices.receiver')} text={receiver} />}
        <TextField
          label={t(`devices.${kind}.number`)}
          value={number}
          onChange={setNumber}
          hint={t(`devices.${kind}.numberHint`)}
          error={checked && !fine ? t(`devices.${kind}.numberBad`) : null}
          maxLength={caller.maxLength}
          mono
          testId="caller-number"
        />
        {caller.hasPassword && !canSeal() && <Note tone="warn">{t('devices.station.insecure')}</Note>}
        {caller.hasPassword && canSeal() && (
          <TextField
            label={`${t('devices.station.password')} (${t('common.optional')})`}
            value={password}
            onChange={setPassword}
            hint={t('devices.station.passwordHint')}
            maxLength={64}
            mono
            testId="caller-password"
          />
        )}
        {edge !== undefined && (
          <ProfileField
            edgeId={edge.edgeId}
            driver={caller.driver}
            value={profileId}
            onChange={setProfileId}
            optional={caller.needsChoice}
            none={t('devices.meter.choose')}
          />
        )}
        <PlacementFields draft={draft} onChange={setDraft} type={caller.type} checked={checked} />
        <ErrorNote error={register.error} />
        <div className="step-foot">
          <Button
            type="submit"
            tone="solid"
            busy={register.isPending}
            disabled={edge === undefined || (caller.needsChoice && profileId === null)}
            data-testid="caller-submit"
          >
            {t(`devices.${kind}.submit`)}
          </Button>
        </div>
      </form>
    </Steps>
  );
}
