import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Device } from '../../../contract/api/devices.ts';
import { takeDevice } from '../data/devices.ts';
import { keys } from '../data/keys.ts';
import { queryClient } from '../data/query-client.ts';
import { api } from '../data/services.ts';
import { errorCode } from '../transport/api-error.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNote, Note } from '../ui/Note.tsx';
import { PlacementFields } from './PlacementFields.tsx';
import { draftOf, placementOf } from './placement.ts';

/** Renaming and moving. */
export function EditDevice({ device }: { device: Device }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(() => draftOf(device));
  const [checked, setChecked] = useState(false);
  const change = useMutation({
    mutationFn: () => {
      const placement = placementOf(draft);
      if (placement === null) throw new Error('checked before');
      return api.call('changeDevice', {
        params: { deviceId: device.deviceId },
        body: { version: device.version, placement },
      });
    },
    onSuccess: takeDevice,
    onError: (thrown) => {
      if (errorCode(thrown) === 'CONFLICT') void queryClient.invalidateQueries({ queryKey: keys.devices });
    },
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    setChecked(true);
    if (placementOf(draft) !== null) change.mutate();
  }
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{t('devices.detail.edit')}</h2>
      </div>
      <form className="panel-body stack" onSubmit={submit} data-testid="device-edit">
        <PlacementFields draft={draft} onChange={setDraft} type={device.type} checked={checked} />
        <ErrorNote error={change.error} />
        {change.isSuccess && <Note>{t('devices.detail.saved')}</Note>}
        <div className="row" data-end>
          <Button type="submit" tone="solid" busy={change.isPending} data-testid="device-save">
            {t('common.save')}
          </Button>
        </div>
      </form>
    </section>
  );
}
