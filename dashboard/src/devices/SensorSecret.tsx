import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Device } from '../../../contract/api/devices.ts';
import { CopyText } from '../ui/CopyText.tsx';
import { Note } from '../ui/Note.tsx';
import { publishExample, type SensorAccess } from './publish-example.ts';

interface Props extends SensorAccess {
  device: Device;
}

/** What has to be put into the sensor. The password is on no server and cannot be shown again. */
export function SensorSecret({ device, ...secret }: Props) {
  const { t } = useTranslation();
  return (
    <div className="stack" data-testid="sensor-secret" data-device={device.deviceId}>
      <Note tone="warn">{t('devices.sensor.once')}</Note>
      <CopyText label={t('devices.sensor.password')} text={secret.password} testId="sensor-password" />
      <CopyText label={t('devices.sensor.username')} text={secret.username} testId="sensor-username" />
      <CopyText label={t('devices.sensor.topic')} text={secret.topic} testId="sensor-topic" />
      {secret.broker !== null && <CopyText label={t('devices.sensor.host')} text={secret.broker} />}
      <CopyText label={t('devices.sensor.example')} text={publishExample(secret)} testId="sensor-example" />
      <div className="step-foot">
        <Link
          className="button"
          data-tone="solid"
          to={`/devices/registered/${device.deviceId}`}
          data-testid="sensor-finished"
        >
          {t('devices.sensor.finished')}
        </Link>
      </div>
    </div>
  );
}
