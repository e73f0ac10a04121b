import { useTranslation } from 'react-i18next';
import type { IncidentEvent } from '../../../contract/incident.ts';
import { clockTime } from '../format/time.ts';
import { useFormat } from '../format/use-format.ts';
import { useKindText } from '../incident-view/IncidentParts.tsx';

const CLOCK_WARNING_MS = 2000;

/** Every event with both clocks: what the device said and when the edge had it. */
export function EventTimeline({ events }: { events: readonly IncidentEvent[] }) {
  const { t } = useTranslation();
  const kindText = useKindText();
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{t('incidents.timeline')}</h2>
      </div>
      <ol className="timeline panel-body" data-testid="event-timeline">
        {[...events]
          .sort((a, b) => a.event.edgeAtMs - b.event.edgeAtMs)
          .map((each) => (
            <li key={each.event.id}>
              <div className="row">
                <strong>{kindText(each.event.kind)}</strong>
                <span className="small faint">{t(`words.eventState.${each.event.state}`)}</span>
                {each.late && <span className="tag">{t('incidents.late')}</span>}
              </div>
              <div className="small muted">
                {each.deviceName}
                {each.event.source !== undefined && ` · ${each.event.source}`}
              </div>
              <Clocks deviceAtMs={each.event.deviceAtMs} edgeAtMs={each.event.edgeAtMs} />
              <Data data={each.event.data} />
            </li>
          ))}
      </ol>
    </section>
  );
}

function Clocks({ deviceAtMs, edgeAtMs }: { deviceAtMs: number | null; edgeAtMs: number }) {
  const { t } = useTranslation();
  const { duration } = useFormat();
  const offsetMs = deviceAtMs === null ? 0 : Math.abs(deviceAtMs - edgeAtMs);
  return (
    <div className="small faint num">
      {t('incidents.edgeTime', { time: clockTime(edgeAtMs) })}
      {' · '}
      {deviceAtMs === null ? t('incidents.noDeviceTime') : t('incidents.deviceTime', { time: clockTime(deviceAtMs) })}
      {offsetMs > CLOCK_WARNING_MS && (
        <span className="clock-off"> · {t('incidents.deviceClockOff', { offset: duration(offsetMs) })}</span>
      )}
    </div>
  );
}

function Data({ data }: { data: IncidentEvent['event']['data'] }) {
  const entries = Object.entries(data).slice(0, 8);
  if (entries.length === 0) return null;
  return (
    <div className="row timeline-data">
      {entries.map(([key, value]) => (
        <span key={key} className="mono small faint">
          {key}={String(value)}
        </span>
      ))}
    </div>
  );
}
