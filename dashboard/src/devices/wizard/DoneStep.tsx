import { CircleCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Device } from '../../../../contract/api/devices.ts';
import { Empty } from '../../ui/Empty.tsx';

export function DoneStep({ device }: { device: Device }) {
  const { t } = useTranslation();
  return (
    <Empty
      icon={<CircleCheck size={44} strokeWidth={1.5} aria-hidden />}
      title={t('devices.wizard.doneTitle', { name: device.name })}
      testId="wizard-done"
      actions={
        <>
          {device.type === 'camera' && (
            <Link className="button" data-tone="solid" to="/wall" data-testid="see-on-wall">
              {t('devices.wizard.toWall')}
            </Link>
          )}
          <Link className="button" to={`/devices/registered/${device.deviceId}`}>
            {t('devices.wizard.toDevice')}
          </Link>
          <Link className="button" to="/devices/found">
            {t('devices.wizard.another')}
          </Link>
        </>
      }
    >
      {t('devices.wizard.doneLead', { number: device.number })}
    </Empty>
  );
}
