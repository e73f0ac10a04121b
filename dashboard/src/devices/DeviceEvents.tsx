import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { keys } from '../data/keys.ts';
import { api, hubClock } from '../data/services.ts';
import { timeOrDate } from '../format/time.ts';
import { useKindText } from '../incident-view/IncidentParts.tsx';
import { QueryView } from '../ui/QueryView.tsx';

/** The last reports of a device: for "press the button now and see". */
export function DeviceEvents({ deviceId }: { deviceId: string }) {
  const { t } = useTranslation();
  const kindText = useKindText();
  const events = useQuery({
    queryKey: keys.events(deviceId),
    queryFn: () => api.call('listEvents', { query: { deviceId, limit: 20 } }),
    refetchInterval: 5000,
  });
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{t('devices.detail.events')}</h2>
      </div>
      <div className="panel-body">
        <QueryView query={events}>
          {(all) =>
            all.length === 0 ? (
              <p className="small muted">{t('devices.detail.noEvents')}</p>
            ) : (
              <ul className="event-lines" data-testid="device-events">
                {all.map(({ event }) => (
                  <li key={event.id} data-kind={event.kind}>
                    <span className="num faint small">{timeOrDate(event.edgeAtMs, hubClock.nowMs())}</span>
                    <span>{kindText(event.kind)}</span>
                    <span className="small faint">{t(`words.eventState.${event.state}`)}</span>
                  </li>
                ))}
              </ul>
            )
          }
        </QueryView>
      </div>
    </section>
  );
}
