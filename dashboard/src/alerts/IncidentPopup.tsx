import { Check, Clock, ExternalLink, ListEnd, Volume2, VolumeX } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { IncidentSummary } from '../../../contract/incident.ts';
import { isOpen, useIncident, useIncidentStep, useIncidents } from '../data/incidents.ts';
import { useSession } from '../data/session.ts';
import { clockTime } from '../format/time.ts';
import { useFormat } from '../format/use-format.ts';
import { Age, PriorityBadge, useKindText } from '../incident-view/IncidentParts.tsx';
import { ReasonList } from '../incident-view/ReasonList.tsx';
import { usePreferences } from '../preferences/preferences.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNote, Note } from '../ui/Note.tsx';
import { useHotkeys } from '../ui/use-hotkeys.ts';
import { alarmSound } from './alarm-sound.ts';
import { useAlerts } from './alert-store.ts';
import { PopupCameras } from './PopupCameras.tsx';
import { useUnaccepted } from './use-alerting.ts';
import './alerts.css';

const REPEAT_MS = 5000;
const MOST_REPEATS = 24;

/** The panel of the incident that was pushed onto this screen; nothing when there is none. */
export function IncidentPopup() {
  const shownId = useAlerts((state) => state.shownId);
  const open = useIncidents('open').data;
  const closed = useIncidents('closed').data;
  const incident = [...(open ?? []), ...(closed ?? [])].find((each) => each.incidentId === shownId);
  return incident === undefined ? null : <Panel key={incident.incidentId} incident={incident} />;
}

function useAlarmTone(incident: IncidentSummary): void {
  const muted = usePreferences((state) => state.muted);
  const waiting = incident.state === 'reported';
  const { priority } = incident;
  useEffect(() => {
    if (muted || !waiting) return undefined;
    alarmSound.play(priority);
    if (priority > 1) return undefined;
    let repeats = 0;
    const timer = setInterval(() => {
      repeats += 1;
      if (repeats >= MOST_REPEATS) clearInterval(timer);
      alarmSound.play(priority);
    }, REPEAT_MS);
    return () => clearInterval(timer);
  }, [muted, waiting, priority]);
}

function Panel({ incident }: { incident: IncidentSummary }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const kindText = useKindText();
  const { regionPath } = useFormat();
  const panel = useRef<HTMLElement>(null);
  const step = useIncidentStep();
  const { show, putAside } = useAlerts();
  const waiting = useUnaccepted().filter((each) => each.incidentId !== incident.incidentId && each.priority <= 2);
  const fresh = incident.state === 'reported';
  useAlarmTone(incident);
  useEffect(() => panel.current?.focus({ preventScroll: true }), []);

  function accept(): void {
    if (!fresh || step.isPending) return;
    step.mutate({ kind: 'accept', incidentId: incident.incidentId, version: incident.version });
  }
  function openIt(): void {
    putAside();
    void navigate(`/incidents/${incident.incidentId}`);
  }
  function next(): void {
    const first = waiting[0];
    if (first === undefined) putAside();
    else show(first.incidentId);
  }
  useHotkeys({
    a: accept,
    Enter: () => (fresh ? accept() : openIt()),
    Escape: putAside,
    ...(waiting.length > 0 && !fresh ? { s: next } : {}),
  });

  return (
    <section
      ref={panel}
      className="popup"
      role="dialog"
      aria-label={t('incidents.popup.label')}
      data-testid="incident-popup"
      data-incident={incident.incidentId}
      data-number={incident.number}
      data-state={incident.state}
      data-priority={incident.priority}
      tabIndex={-1}
    >
      <header className="popup-head">
        <PriorityBadge priority={incident.priority} calm={!fresh} />
        <div className="grow">
          <h2>{kindText(incident.kind)}</h2>
          <p className="muted">
            {incident.deviceName} · {regionPath(incident.regionPath)}
          </p>
        </div>
        <div className="popup-when num">
          <strong>{clockTime(incident.firstEventAtMs)}</strong>
          <span className="small muted">
            <Age atMs={incident.firstEventAtMs} />
          </span>
        </div>
        <MuteButton />
      </header>
      <div className="popup-scroll">
        <PopupCameras incident={incident} />
        <PopupEvents incidentId={incident.incidentId} />
      </div>
      <footer className="popup-foot">
        <PopupStatus incident={incident} error={step.error} />
        <div className="row">
          {fresh ? (
            <>
              <Button
                tone="alert"
                icon={<Check size={18} aria-hidden />}
                busy={step.isPending}
                onClick={accept}
                data-testid="accept"
              >
                {t('incidents.popup.accept')} <kbd>A</kbd>
              </Button>
              <Button icon={<ListEnd size={18} aria-hidden />} onClick={putAside} data-testid="put-aside">
                {t('incidents.popup.aside')} <kbd>Esc</kbd>
              </Button>
            </>
          ) : (
            <>
              <Button
                tone="solid"
                icon={<ExternalLink size={18} aria-hidden />}
                onClick={openIt}
                data-testid="popup-open"
              >
                {t('incidents.popup.open')} <kbd>↵</kbd>
              </Button>
              <Button onClick={putAside} data-testid="back-to-wall">
                {t('incidents.popup.backToWall')} <kbd>Esc</kbd>
              </Button>
              {waiting.length > 0 && (
                <Button tone="alert" onClick={next} data-testid="popup-next">
                  {t('incidents.popup.next', { n: waiting.length })} <kbd>S</kbd>
                </Button>
              )}
            </>
          )}
          {fresh && waiting.length > 0 && (
            <span className="popup-more small" data-testid="popup-waiting" data-count={waiting.length}>
              <Clock size={14} aria-hidden /> {t('incidents.popup.more', { count: waiting.length })}
            </span>
          )}
        </div>
      </footer>
    </section>
  );
}

function PopupStatus({ incident, error }: { incident: IncidentSummary; error: Error | null }) {
  const { t } = useTranslation();
  const session = useSession();
  const muted = usePreferences((state) => state.muted);
  if (error !== null) return <ErrorNote error={error} />;
  if (!isOpen(incident)) return <Note>{t('incidents.popup.closed')}</Note>;
  if (incident.owner !== null) {
    const mine = incident.owner === session.account;
    return <Note>{mine ? t('incidents.accepted') : t('incidents.acceptedBy', { owner: incident.owner })}</Note>;
  }
  if (!muted && !alarmSound.ready) return <Note>{t('incidents.popup.soundBlocked')}</Note>;
  return null;
}

function PopupEvents({ incidentId }: { incidentId: string }) {
  const { t } = useTranslation();
  const detail = useIncident(incidentId).data;
  if (detail === undefined) return null;
  return (
    <div className="popup-events">
      <h3>{t('incidents.popup.what')}</h3>
      <ReasonList events={detail.events} most={6} />
    </div>
  );
}

function MuteButton() {
  const { t } = useTranslation();
  const { muted, setMuted } = usePreferences();
  return (
    <Button
      tone="quiet"
      icon={muted ? <VolumeX size={20} aria-hidden /> : <Volume2 size={20} aria-hidden />}
      label={muted ? t('shell.sound.off') : t('shell.sound.on')}
      aria-pressed={muted}
      onClick={() => setMuted(!muted)}
      data-testid="mute"
    />
  );
}
