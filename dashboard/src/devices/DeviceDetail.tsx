import { ArrowLeft, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { Device } from '../../../contract/api/devices.ts';
import { useDevices, useEdges } from '../data/devices.ts';
import { useMay } from '../data/session.ts';
import { dateAndTime } from '../format/time.ts';
import { useFormat } from '../format/use-format.ts';
import { routeUrl } from '../transport/api-client.ts';
import { ApiError } from '../transport/api-error.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNote, Note } from '../ui/Note.tsx';
import { QueryView } from '../ui/QueryView.tsx';
import { isClockOff } from './clock.ts';
import { DeviceEvents } from './DeviceEvents.tsx';
import { DeviceState } from './DeviceState.tsx';
import { EditDevice } from './EditDevice.tsx';
import { RemoveDevice } from './RemoveDevice.tsx';
import { StreamLine } from './StreamLine.tsx';

/** One registered device. */
export default function DeviceDetail() {
  const { deviceId } = useParams();
  const devices = useDevices();
  return (
    <div className="page">
      <QueryView query={devices}>
        {(all) => {
          const device = all.find((each) => each.deviceId === deviceId);
          if (device === undefined) return <ErrorNote error={new ApiError('DEVICE_UNKNOWN', 404, '')} />;
          return <Detail key={device.deviceId} device={device} />;
        }}
      </QueryView>
    </div>
  );
}

function Detail({ device }: { device: Device }) {
  const { t } = useTranslation();
  const { regionPath } = useFormat();
  const mayManage = useMay('device.manage');
  const mayRead = useMay('incident.read');
  return (
    <div className="stack" data-testid="device-detail" data-device={device.deviceId}>
      <div className="page-head">
        <Link
          className="button"
          data-tone="quiet"
          data-size="icon"
          to="/devices/registered"
          aria-label={t('common.back')}
        >
          <ArrowLeft size={20} aria-hidden />
        </Link>
        <div className="grow">
          <h1>{device.name}</h1>
          <p className="small muted">
            {t('common.numberOf', { number: device.number })} · {regionPath(device.regionPath)}
          </p>
        </div>
        <DeviceState device={device} />
      </div>
      <div className="detail-columns">
        <div className="stack">
          {device.type === 'camera' && <Snapshot device={device} />}
          <Facts device={device} />
          {mayRead && <DeviceEvents deviceId={device.deviceId} />}
        </div>
        {mayManage && (
          <div className="stack">
            <EditDevice device={device} />
            <RemoveDevice device={device} />
          </div>
        )}
      </div>
    </div>
  );
}

function Snapshot({ device }: { device: Device }) {
  const { t } = useTranslation();
  const [take, setTake] = useState(0);
  const [failed, setFailed] = useState(false);
  const mayLive = useMay('live.view');
  if (!mayLive) return null;
  const url = `${routeUrl('snapshot', { deviceId: device.deviceId })}?take=${take}`;
  return (
    <figure className="snapshot-box">
      {failed ? (
        <div className="snapshot snapshot-none">{t('devices.detail.snapshotFailed')}</div>
      ) : (
        <img
          className="snapshot"
          src={url}
          alt={t('devices.detail.snapshotAlt', { name: device.name })}
          onError={() => setFailed(true)}
          data-testid="snapshot"
        />
      )}
      <Button
        icon={<RefreshCw size={18} aria-hidden />}
        onClick={() => {
          setFailed(false);
          setTake(take + 1);
        }}
      >
        {t('devices.detail.refresh')}
      </Button>
    </figure>
  );
}

function Facts({ device }: { device: Device }) {
  const { t } = useTranslation();
  const { duration } = useFormat();
  const edges = useEdges();
  const { edge } = device;
  const offset = edge?.clockOffsetMs ?? null;
  const identity = edge?.identity;
  const name = edges.data?.find((each) => each.edgeId === device.edgeId)?.name ?? device.edgeId;
  return (
    <>
      {offset !== null && isClockOff(offset) && (
        <Note tone="warn">{t('devices.wizard.clockWarn', { offset: duration(Math.abs(offset)) })}</Note>
      )}
      <dl className="facts panel panel-body">
        <dt>{t('devices.detail.driver')}</dt>
        <dd>
          {t(`words.deviceType.${device.type}`)} · {t(`words.driver.${device.driver}`)}
        </dd>
        <dt>{t('devices.detail.address')}</dt>
        <dd className="mono">{edge?.address ?? t('common.unknown')}</dd>
        <dt>{t('devices.detail.edge')}</dt>
        <dd>{name}</dd>
        <dt>{t('devices.wizard.model')}</dt>
        <dd>
          {[identity?.manufacturer, identity?.model, identity?.firmware].filter((each) => each != null).join(' · ') ||
            t('common.unknown')}
        </dd>
        <dt>{t('devices.wizard.serial')}</dt>
        <dd className="mono">{identity?.serial ?? t('common.unknown')}</dd>
        <dt>{t('devices.detail.profile')}</dt>
        <dd className="mono">{edge?.profileId ?? t('common.none')}</dd>
        {edge !== null && edge.streams.length > 0 && (
          <>
            <dt>{t('devices.wizard.streams')}</dt>
            <dd>
              {edge.streams.map((stream) => (
                <StreamLine key={stream.name} stream={stream} />
              ))}
            </dd>
          </>
        )}
        {edge?.recording != null && (
          <>
            <dt>{t('devices.detail.recording')}</dt>
            <dd>{t(`words.recording.${edge.recording.reason}`)}</dd>
            {edge.recording.oldestAtMs !== null && (
              <>
                <dt>{t('devices.detail.oldest')}</dt>
                <dd className="num">{dateAndTime(edge.recording.oldestAtMs)}</dd>
              </>
            )}
          </>
        )}
        <dt>{t('devices.detail.registered')}</dt>
        <dd className="num">{dateAndTime(device.registeredAtMs)}</dd>
      </dl>
    </>
  );
}
