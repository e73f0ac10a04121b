import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Device } from '../../../contract/api/devices.ts';
import { CopyText } from '../ui/CopyText.tsx';
import { Note } from '../ui/Note.tsx';

interface Props {
  device: Device;
  username: string;
  password: string;
  topic: string;
  /** Address of the edge's local broker, as the edge says it; null when unknown. */
  broker: string | null;
}

/** `mosquitto_pub` with everything filled in. */
export function publishExample(props: Omit<Props, 'device'>): string {
  const address = (props.broker ?? '').replace(/^mqtts?:\/\//, '');
  const colon = address.lastIndexOf(':');
  const host = colon > 0 ? address.slice(0, colon) : address;
  const port = colon > 0 ? address.slice(colon + 1) : '1883';
  return [
    `mosquitto_pub -h ${host === '' ? 'EDGE' : host} -p ${port} -q 1`,
    `-i ${props.username} -u ${props.username} -P '${props.password}'`,
    `-t ${props.topic} -m '{"level": 1.25}'`,
  ].join(' \\\n  ');
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
