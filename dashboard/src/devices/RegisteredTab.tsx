import { Boxes, SearchX } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Device } from '../../../contract/api/devices.ts';
import { useDevices } from '../data/devices.ts';
import { useFormat } from '../format/use-format.ts';
import { Button } from '../ui/Button.tsx';
import { Empty } from '../ui/Empty.tsx';
import { TextField } from '../ui/Field.tsx';
import { QueryView } from '../ui/QueryView.tsx';
import { Segments } from '../ui/Segments.tsx';
import { DeviceIcon } from './DeviceIcon.tsx';
import { DeviceState } from './DeviceState.tsx';

const PAGE = 100;

/** Registered devices with their true state. */
export function RegisteredTab() {
  const devices = useDevices();
  return <QueryView query={devices}>{(all) => <DeviceList devices={all} />}</QueryView>;
}

function textOf(device: Device): string {
  return `${device.number} ${device.name} ${device.regionPath.join(' ')} ${device.edge?.address ?? ''}`.toLowerCase();
}

function DeviceList({ devices }: { devices: readonly Device[] }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [which, setWhich] = useState<'all' | 'trouble'>('all');
  const [most, setMost] = useState(PAGE);
  const wanted = useDeferredValue(text.trim().toLowerCase());
  const found = devices
    .filter((device) => which === 'all' || !device.online)
    .filter((device) => textOf(device).includes(wanted))
    .sort((a, b) => a.number - b.number);
  if (devices.length === 0) {
    return (
      <Empty
        icon={<Boxes size={40} strokeWidth={1.5} aria-hidden />}
        title={t('devices.list.emptyTitle')}
        testId="devices-empty"
      >
        {t('devices.list.empty')}
      </Empty>
    );
  }
  const trouble = devices.filter((device) => !device.online).length;
  return (
    <div className="stack">
      <div className="list-head">
        <TextField
          label={t('devices.list.search')}
          type="search"
          value={text}
          onChange={setText}
          testId="device-search"
        />
        <Segments
          label={t('devices.list.all')}
          value={which}
          onChange={setWhich}
          options={[
            { value: 'all', label: `${t('devices.list.all')} ${devices.length}` },
            { value: 'trouble', label: `${t('devices.list.trouble')} ${trouble}` },
          ]}
        />
      </div>
      {found.length === 0 ? (
        <Empty icon={<SearchX size={36} strokeWidth={1.5} aria-hidden />} title={t('devices.list.nothingTitle')}>
          {t('devices.list.nothing')}
        </Empty>
      ) : (
        <>
          <p className="small faint">{t('devices.list.count', { count: found.length })}</p>
          <ul className="panel device-list" data-testid="device-list">
            {found.slice(0, most).map((device) => (
              <li key={device.deviceId}>
                <DeviceRow device={device} />
              </li>
            ))}
          </ul>
          {found.length > most && (
            <Button onClick={() => setMost(most + PAGE)}>
              {t('devices.list.more', { n: Math.min(PAGE, found.length - most) })}
            </Button>
          )}
        </>
      )}
    </div>
  );
}

function DeviceRow({ device }: { device: Device }) {
  const { regionPath } = useFormat();
  return (
    <Link
      className="device-row"
      to={`/devices/registered/${device.deviceId}`}
      data-testid="device-row"
      data-device={device.deviceId}
      data-online={device.online}
      data-reason={device.reason}
    >
      <DeviceIcon type={device.type} />
      <span className="grow device-row-name">
        <span>
          <span className="faint num">{device.number}</span> <strong>{device.name}</strong>
        </span>
        <span className="small faint">{regionPath(device.regionPath)}</span>
      </span>
      <DeviceState device={device} />
    </Link>
  );
}
