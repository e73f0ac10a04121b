import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useMay } from '../data/session.ts';
import { Age, useKindText } from '../incident-view/IncidentParts.tsx';
import { useAlerts } from './alert-store.ts';
import { useUnaccepted } from './use-alerting.ts';
import './alerts.css';

/** The reserved zone: how many incidents wait for somebody, and the most urgent of them. Empty and grey when quiet. */
export function AlertStrip() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const kindText = useKindText();
  const mayRead = useMay('incident.read');
  const mayHandle = useMay('incident.handle');
  const { shownId, show } = useAlerts();
  const waiting = useUnaccepted().filter((incident) => incident.incidentId !== shownId);
  const first = waiting[0];
  if (!mayRead) return null;
  if (first === undefined) {
    return (
      <div className="alert-strip" data-testid="alert-strip" data-count={0}>
        <span className="faint small">{t('incidents.strip.quiet')}</span>
      </div>
    );
  }
  return (
    <button
      type="button"
      className="alert-strip"
      data-testid="alert-strip"
      data-count={waiting.length}
      data-tone={first.priority === 1 ? 'alert' : 'warn'}
      onClick={() => (mayHandle ? show(first.incidentId) : void navigate(`/incidents/${first.incidentId}`))}
    >
      <TriangleAlert size={16} aria-hidden />
      <strong>{t('incidents.strip.waiting', { count: waiting.length })}</strong>
      <span className="alert-strip-first">
        {kindText(first.kind)} · {first.deviceName} · <Age atMs={first.firstEventAtMs} />
      </span>
      <span className="alert-strip-show">{t('incidents.strip.show')}</span>
    </button>
  );
}
