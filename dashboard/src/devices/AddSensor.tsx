import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { takeDevice } from '../data/devices.ts';
import { api } from '../data/services.ts';
import { Button } from '../ui/Button.tsx';
import { SelectField } from '../ui/Field.tsx';
import { ErrorNote, Note } from '../ui/Note.tsx';
import { PlacementFields } from './PlacementFields.tsx';
import { ProfileField } from './ProfileField.tsx';
import { EMPTY_DRAFT, placementOf } from './placement.ts';
import { SensorSecret } from './SensorSecret.tsx';
import { Steps } from './Steps.tsx';
import { canSeal, randomPassword, sealFor } from './sealing.ts';
import { listenerOf, useChosenEdge } from './use-chosen-edge.ts';

/** A sensor that reports over MQTT: registered with a password made here, which is shown once. */
export default function AddSensor() {
  const { t } = useTranslation();
  const { edges, edge, choose } = useChosenEdge();
  const [draft, setDraft] = useState(EMPTY_DRAFT);
  const [profileId, setProfileId] = useState<string | null>(null);
  const [checked, setChecked] = useState(false);
  const register = useMutation({
    mutationFn: async () => {
      const placement = placementOf(draft);
      if (edge === undefined || placement === null) throw new Error('checked before');
      const password = randomPassword((count) => crypto.getRandomValues(new Uint8Array(count)));
      const answer = await api.call('registerDevice', {
        body: {
          edgeId: edge.edgeId,
          candidateId: null,
          driver: 'mqtt-device',
          type: 'sensor',
          connection: { password: await sealFor(edge, password) },
          profileId,
          record: false,
          placement,
        },
      });
      return { ...answer, password };
    },
    onSuccess: (answer) => takeDevice(answer.device),
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    setChecked(true);
    if (placementOf(draft) !== null) register.mutate();
  }
  if (register.data !== undefined && edge !== undefined) {
    const { device, mqtt, password } = register.data;
    return (
      <Steps title={t('devices.sensor.doneTitle')}>
        <SensorSecret
          device={device}
          username={mqtt?.username ?? device.deviceId}
          topic={mqtt?.topic ?? ''}
          password={password}
          broker={listenerOf(edge, /mqtt|broker/i)}
          profileId={profileId}
        />
      </Steps>
    );
  }
  return (
    <Steps title={t('devices.sensor.title')}>
      <form className="stack" onSubmit={submit} data-testid="sensor-form">
        <p className="muted">{t('devices.sensor.lead')}</p>
        {!canSeal() && <Note tone="warn">{t('devices.sensor.insecure')}</Note>}
        <SelectField
          label={t('devices.edge')}
          value={edge?.edgeId ?? ''}
          onChange={choose}
          options={edges.map((each) => ({ value: each.edgeId, label: each.name }))}
          testId="sensor-edge"
        />
        {edge !== undefined && (
          <ProfileField
            edgeId={edge.edgeId}
            driver="mqtt-device"
            value={profileId}
            onChange={setProfileId}
            label={t('devices.sensor.profile')}
          />
        )}
        <PlacementFields draft={draft} onChange={setDraft} type="sensor" checked={checked} />
        <ErrorNote error={register.error} />
        <div className="step-foot">
          <Button
            type="submit"
            tone="solid"
            busy={register.isPending}
            disabled={!canSeal() || edge === undefined}
            data-testid="sensor-submit"
          >
            {t('devices.sensor.submit')}
          </Button>
        </div>
      </form>
    </Steps>
  );
}
