import { ArrowLeft, Check, CheckCheck, FileVideo, NotebookPen } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { IncidentDetail } from '../../../contract/incident.ts';
import { isOpen, useIncident, useIncidentStep } from '../data/incidents.ts';
import { useMay, useSession } from '../data/session.ts';
import { dateAndTime } from '../format/time.ts';
import { useFormat } from '../format/use-format.ts';
import { CloseDialog } from '../incident-view/CloseDialog.tsx';
import { Age, PriorityBadge, StateTag, useKindText } from '../incident-view/IncidentParts.tsx';
import { NoteDialog } from '../incident-view/NoteDialog.tsx';
import { ReasonList } from '../incident-view/ReasonList.tsx';
import { Button } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/Note.tsx';
import { QueryView } from '../ui/QueryView.tsx';
import { useHotkeys } from '../ui/use-hotkeys.ts';
import { EventTimeline } from './EventTimeline.tsx';
import { History } from './History.tsx';
import { IncidentCameras } from './IncidentCameras.tsx';

export function IncidentDetailView({ incidentId }: { incidentId: string }) {
  const query = useIncident(incidentId);
  return (
    <article className="incident" data-testid="incident-detail" data-incident={incidentId}>
      <QueryView query={query}>{(incident) => <Detail incident={incident} />}</QueryView>
    </article>
  );
}

function Detail({ incident }: { incident: IncidentDetail }) {
  const { t } = useTranslation();
  const mayHandle = useMay('incident.handle');
  const mayExport = useMay('footage.export');
  const step = useIncidentStep();
  const [dialog, setDialog] = useState<'note' | 'close' | null>(null);
  const canAccept = mayHandle && incident.state === 'reported';
  const canClose = mayHandle && isOpen(incident);
  function accept(): void {
    if (canAccept && !step.isPending) {
      step.mutate({ kind: 'accept', incidentId: incident.incidentId, version: incident.version });
    }
  }
  useHotkeys({
    a: accept,
    n: () => mayHandle && setDialog('note'),
    c: () => canClose && setDialog('close'),
  });
  return (
    <>
      <Head incident={incident} />
      <div className="incident-actions">
        {canAccept && (
          <Button
            tone={incident.priority <= 2 ? 'alert' : 'solid'}
            icon={<Check size={18} aria-hidden />}
            busy={step.isPending}
            onClick={accept}
            data-testid="accept"
          >
            {t('incidents.accept')} <kbd>A</kbd>
          </Button>
        )}
        {mayHandle && (
          <Button icon={<NotebookPen size={18} aria-hidden />} onClick={() => setDialog('note')} data-testid="note">
            {t('incidents.note')} <kbd>N</kbd>
          </Button>
        )}
        {canClose && (
          <Button icon={<CheckCheck size={18} aria-hidden />} onClick={() => setDialog('close')} data-testid="close">
            {t('incidents.closeIncident')} <kbd>C</kbd>
          </Button>
        )}
        {mayExport && (
          <Link className="button" to={`/footage?incident=${incident.incidentId}`} data-testid="export-footage">
            <FileVideo size={18} aria-hidden />
            {t('incidents.export')}
          </Link>
        )}
      </div>
      <ErrorNote error={step.error} />
      <IncidentCameras incident={incident} />
      <section className="panel">
        <div className="panel-head">
          <h2>{t('incidents.why')}</h2>
        </div>
        <div className="panel-body stack">
          <ReasonList events={incident.events} />
          {incident.events.length < 2 && <p className="small faint">{t('incidents.whyAlone')}</p>}
        </div>
      </section>
      <div className="incident-columns">
        <EventTimeline events={incident.events} />
        <History entries={incident.entries} />
      </div>
      {dialog === 'note' && <NoteDialog incident={incident} onClose={() => setDialog(null)} />}
      {dialog === 'close' && <CloseDialog incident={incident} onClose={() => setDialog(null)} />}
    </>
  );
}

function Head({ incident }: { incident: IncidentDetail }) {
  const { t } = useTranslation();
  const kindText = useKindText();
  const { regionPath } = useFormat();
  const { account } = useSession();
  const owner = incident.owner === null ? t('incidents.nobody') : t('incidents.owner', { owner: incident.owner });
  return (
    <header className="incident-head">
      <Link
        className="button incident-back"
        data-tone="quiet"
        data-size="icon"
        to="/incidents"
        aria-label={t('incidents.backToList')}
      >
        <ArrowLeft size={20} aria-hidden />
      </Link>
      <PriorityBadge priority={incident.priority} calm={incident.state !== 'reported'} />
      <div className="grow">
        <h1>
          {kindText(incident.kind)} <span className="faint num">#{incident.number}</span>
        </h1>
        <p className="muted">
          {incident.deviceName} · {regionPath(incident.regionPath)}
        </p>
        <p className="small faint num">
          {dateAndTime(incident.firstEventAtMs)} · <Age atMs={incident.firstEventAtMs} />
        </p>
      </div>
      <div className="incident-state">
        <StateTag incident={incident} />
        <span className="small muted">{incident.owner === account ? t('incidents.accepted') : owner}</span>
        {incident.closingCode !== null && (
          <span className="small">{t(`words.closingCode.${incident.closingCode}`)}</span>
        )}
      </div>
    </header>
  );
}
