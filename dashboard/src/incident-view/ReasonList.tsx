import { useTranslation } from 'react-i18next';
import type { IncidentEvent } from '../../../contract/incident.ts';
import { clockTime } from '../format/time.ts';
import { useKindText } from './IncidentParts.tsx';
import { eventReason } from './reasons.ts';

/** Each event of an incident with the sentences that say why it belongs to it. */
export function ReasonList({ events, most = 50 }: { events: readonly IncidentEvent[]; most?: number }) {
  const { t } = useTranslation();
  const kindText = useKindText();
  return (
    <ul className="reasons" data-testid="reasons">
      {events.slice(0, most).map(({ event, deviceName, reasons }) => (
        <li key={event.id}>
          <time dateTime={new Date(event.edgeAtMs).toISOString()}>{clockTime(event.edgeAtMs)}</time>
          <span>
            {kindText(event.kind)} · {deviceName}
          </span>
          {reasons.map((reason) => (
            <span key={reason.code} className="reason-text">
              {eventReason(t, reason)}
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}
