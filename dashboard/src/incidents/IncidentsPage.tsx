import { ListChecks } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import type { IncidentSummary } from '../../../contract/incident.ts';
import { byUrgency, useIncidents } from '../data/incidents.ts';
import { useSession } from '../data/session.ts';
import { Empty } from '../ui/Empty.tsx';
import { KeySheet } from '../ui/KeySheet.tsx';
import { useHotkeys } from '../ui/use-hotkeys.ts';
import { useMedia } from '../ui/use-media.ts';
import { type Filter, matches, NO_FILTER } from './filter.ts';
import { IncidentDetailView } from './IncidentDetailView.tsx';
import { IncidentQueue } from './IncidentQueue.tsx';
import './incidents.css';

/** The queue and, beside it (on a phone: instead of it), one incident. */
export default function IncidentsPage() {
  const { t } = useTranslation();
  const { incidentId } = useParams();
  const navigate = useNavigate();
  const session = useSession();
  const wide = useMedia('(min-width: 1000px)');
  const [filter, setFilter] = useState<Filter>(NO_FILTER);
  const [marked, setMarked] = useState<string | null>(incidentId ?? null);
  const [help, setHelp] = useState(false);
  const query = useIncidents(filter.state);
  const shown = useMemo(
    () => (query.data ?? []).filter((each) => matches(each, filter, session.account)).sort(byUrgency),
    [query.data, filter, session.account],
  );

  function move(by: number): void {
    const at = shown.findIndex((each) => each.incidentId === marked);
    const next = shown[Math.min(shown.length - 1, Math.max(0, at + by))];
    if (next === undefined) return;
    setMarked(next.incidentId);
    document.querySelector(`[data-incident-row="${next.incidentId}"]`)?.scrollIntoView({ block: 'nearest' });
    if (wide && incidentId !== undefined) void navigate(`/incidents/${next.incidentId}`, { replace: true });
  }
  function open(incident: IncidentSummary): void {
    setMarked(incident.incidentId);
    void navigate(`/incidents/${incident.incidentId}`);
  }
  useHotkeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => {
      const incident = shown.find((each) => each.incidentId === marked) ?? shown[0];
      if (incident !== undefined) open(incident);
    },
    ...(incidentId === undefined ? {} : { Escape: () => void navigate('/incidents') }),
    '?': () => setHelp(true),
  });

  return (
    <div className="incidents" data-detail={incidentId !== undefined || undefined}>
      {(wide || incidentId === undefined) && (
        <IncidentQueue
          query={query}
          shown={shown}
          filter={filter}
          onFilter={setFilter}
          marked={incidentId ?? marked}
          onOpen={open}
        />
      )}
      {incidentId !== undefined ? (
        <IncidentDetailView key={incidentId} incidentId={incidentId} />
      ) : (
        wide && (
          <Empty icon={<ListChecks size={40} strokeWidth={1.5} aria-hidden />} title={t('incidents.pickTitle')}>
            {t('incidents.pick')}
          </Empty>
        )
      )}
      {help && (
        <KeySheet
          onClose={() => setHelp(false)}
          rows={[
            ['J K', t('incidents.keys.move')],
            ['Enter', t('incidents.keys.open')],
            ['A', t('incidents.keys.accept')],
            ['N', t('incidents.keys.note')],
            ['C', t('incidents.keys.close')],
            ['B', t('incidents.keys.before')],
            ['Esc', t('incidents.keys.esc')],
            ['?', t('incidents.keys.help')],
          ]}
        />
      )}
    </div>
  );
}
