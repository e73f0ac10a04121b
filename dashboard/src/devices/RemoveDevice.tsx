import { useMutation } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { Device } from '../../../contract/api/devices.ts';
import { dropDevice } from '../data/devices.ts';
import { api } from '../data/services.ts';
import { Button } from '../ui/Button.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { ErrorNote } from '../ui/Note.tsx';

/** Taking out of service, after a question that says what happens. */
export function RemoveDevice({ device }: { device: Device }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => api.call('removeDevice', { params: { deviceId: device.deviceId } }),
    onSuccess: () => {
      void navigate('/devices/registered', { replace: true });
      dropDevice(device.deviceId);
    },
  });
  return (
    <>
      <div className="row" data-end>
        <Button
          tone="quiet"
          icon={<Trash2 size={18} aria-hidden />}
          onClick={() => setAsking(true)}
          data-testid="device-remove"
        >
          {t('devices.detail.remove')}
        </Button>
      </div>
      {asking && (
        <Dialog
          title={t('devices.detail.removeTitle', { name: device.name })}
          onClose={() => setAsking(false)}
          testId="remove-dialog"
        >
          <p className="muted">{t('devices.detail.removeText')}</p>
          <ErrorNote error={remove.error} />
          <div className="row" data-end>
            <Button tone="quiet" onClick={() => setAsking(false)}>
              {t('common.cancel')}
            </Button>
            <Button tone="alert" busy={remove.isPending} onClick={() => remove.mutate()} data-testid="remove-confirm">
              {t('devices.detail.removeSure')}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
