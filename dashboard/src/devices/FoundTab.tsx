import { useMutation } from '@tanstack/react-query';
import { BellRing, Gauge, Link2, Radar, RadioTower, Search, ServerOff, Wind } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Edge } from '../../../contract/api/devices.ts';
import { useCandidates, useEdges } from '../data/devices.ts';
import { keys } from '../data/keys.ts';
import { queryClient } from '../data/query-client.ts';
import { api } from '../data/services.ts';
import { Button } from '../ui/Button.tsx';
import { Empty } from '../ui/Empty.tsx';
import { SelectField } from '../ui/Field.tsx';
import { ErrorNote, Note } from '../ui/Note.tsx';
import { QueryView } from '../ui/QueryView.tsx';
import { AddByAddress } from './AddByAddress.tsx';
import { CandidateCard } from './CandidateCard.tsx';

const SEARCH_TIMEOUT_MS = 60_000;

/** The inbox of devices that nobody has set up yet. */
export function FoundTab() {
  const { t } = useTranslation();
  const edges = useEdges();
  return (
    <QueryView query={edges}>
      {(all) => {
        const joined = all.filter((edge) => edge.joinedAtMs !== null);
        if (joined.length > 0) return <Inbox edges={joined} />;
        return (
          <Empty icon={<ServerOff size={40} strokeWidth={1.5} aria-hidden />} title={t('devices.found.noEdgeTitle')}>
            {t('devices.found.noEdge')}
          </Empty>
        );
      }}
    </QueryView>
  );
}

function Inbox({ edges }: { edges: readonly Edge[] }) {
  const { t } = useTranslation();
  const [edgeId, setEdgeId] = useState(edges.find((edge) => edge.online)?.edgeId ?? edges[0]?.edgeId ?? '');
  const [adding, setAdding] = useState(false);
  const edge = edges.find((each) => each.edgeId === edgeId);
  const candidates = useCandidates();
  const search = useMutation({
    mutationFn: () => api.call('runDiscovery', { params: { edgeId } }, { timeoutMs: SEARCH_TIMEOUT_MS }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: keys.candidates }),
  });
  return (
    <div className="stack">
      <div className="found-head">
        {edges.length > 1 && (
          <SelectField
            label={t('devices.edge')}
            value={edgeId}
            onChange={setEdgeId}
            options={edges.map((each) => ({ value: each.edgeId, label: each.name }))}
            testId="found-edge"
          />
        )}
        <div className="found-actions">
          <Button
            tone="solid"
            icon={<Search size={18} aria-hidden />}
            busy={search.isPending}
            onClick={() => search.mutate()}
            data-testid="search-now"
          >
            {t('devices.found.search')}
          </Button>
          <Button icon={<Link2 size={18} aria-hidden />} onClick={() => setAdding(true)} data-testid="add-address">
            {t('devices.found.byAddress')}
          </Button>
          <Link className="button" to={`/devices/add/sensor?edge=${edgeId}`} data-testid="add-sensor">
            <RadioTower size={18} aria-hidden />
            {t('devices.found.sensor')}
          </Link>
          <Link className="button" to={`/devices/add/alarm-box?edge=${edgeId}`} data-testid="add-alarm-box">
            <BellRing size={18} aria-hidden />
            {t('devices.found.alarmBox')}
          </Link>
          <Link className="button" to={`/devices/add/station?edge=${edgeId}`} data-testid="add-station">
            <Wind size={18} aria-hidden />
            {t('devices.found.station')}
          </Link>
          <Link className="button" to={`/devices/add/meter?edge=${edgeId}`} data-testid="add-meter">
            <Gauge size={18} aria-hidden />
            {t('devices.found.meter')}
          </Link>
        </div>
      </div>
      {edge !== undefined && !edge.online && (
        <Note tone="warn">{t('devices.found.edgeOffline', { name: edge.name })}</Note>
      )}
      {search.isPending && <Note>{t('devices.found.searching')}</Note>}
      {search.isSuccess && <Note>{t('devices.found.searched', { count: search.data.candidates })}</Note>}
      <ErrorNote error={search.error} />
      <QueryView query={candidates}>
        {(all) => {
          const here = all.filter((candidate) => candidate.edgeId === edgeId);
          if (here.length === 0) {
            return (
              <Empty
                icon={<Radar size={40} strokeWidth={1.5} aria-hidden />}
                title={t('devices.found.emptyTitle')}
                testId="found-empty"
              >
                {t('devices.found.empty')}
              </Empty>
            );
          }
          return (
            <ul className="cards">
              {[...here].sort(byNews).map((candidate) => (
                <li key={candidate.candidateId}>
                  <CandidateCard candidate={candidate} />
                </li>
              ))}
            </ul>
          );
        }}
      </QueryView>
      {adding && <AddByAddress edgeId={edgeId} onClose={() => setAdding(false)} />}
    </div>
  );
}

const ORDER = { new: 0, moved: 1, known: 2, gone: 3 } as const;

function byNews(
  a: { change: keyof typeof ORDER; lastSeenMs: number },
  b: { change: keyof typeof ORDER; lastSeenMs: number },
): number {
  return ORDER[a.change] - ORDER[b.change] || b.lastSeenMs - a.lastSeenMs;
}
