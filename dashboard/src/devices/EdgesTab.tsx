import type { TFunction } from 'i18next';
import { Server, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Edge } from '../../../contract/api/devices.ts';
import { useEdges } from '../data/devices.ts';
import { hubClock } from '../data/services.ts';
import { useMay } from '../data/session.ts';
import { bytesText } from '../format/numbers.ts';
import { timeOrDate } from '../format/time.ts';
import { useFormat } from '../format/use-format.ts';
import { Empty } from '../ui/Empty.tsx';
import { Note } from '../ui/Note.tsx';
import { QueryView } from '../ui/QueryView.tsx';
import { isClockOff } from './clock.ts';

/** The edges with what they say about themselves. */
export function EdgesTab() {
  const { t } = useTranslation();
  const edges = useEdges();
  const mayEnrol = useMay('edge.manage');
  const enrol = (
    <Link className="button" to="/admin/edges">
      {t('devices.edges.enrol')}
    </Link>
  );
  return (
    <QueryView query={edges}>
      {(all) =>
        all.length === 0 ? (
          <Empty
            icon={<Server size={40} strokeWidth={1.5} aria-hidden />}
            title={t('devices.edges.emptyTitle')}
            actions={mayEnrol && enrol}
          >
            {t('devices.edges.empty')}
          </Empty>
        ) : (
          <ul className="cards">
            {all.map((edge) => (
              <li key={edge.edgeId}>
                <EdgeCard edge={edge} />
              </li>
            ))}
          </ul>
        )
      }
    </QueryView>
  );
}

function EdgeCard({ edge }: { edge: Edge }) {
  const { t } = useTranslation();
  const { duration } = useFormat();
  const { status, clockOffsetMs } = edge;
  const since = t('common.since', { time: timeOrDate(edge.sinceMs, hubClock.nowMs()) });
  const trouble = !edge.online && edge.joinedAtMs !== null;
  let state = t('devices.edges.never');
  if (edge.joinedAtMs !== null) state = t(edge.online ? 'devices.edges.online' : 'devices.edges.offline', { since });
  return (
    <article className="panel card" data-testid="edge" data-edge={edge.edgeId} data-online={edge.online}>
      <div className="card-head">
        <Server className="device-icon" size={24} strokeWidth={1.6} aria-hidden />
        <div className="grow">
          <strong>{edge.name}</strong>
          <span className="device-state small" data-trouble={trouble || undefined}>
            <span>
              {trouble && <TriangleAlert size={14} aria-hidden />} {state}
            </span>
          </span>
        </div>
      </div>
      {clockOffsetMs !== null && isClockOff(clockOffsetMs) && (
        <Note tone="warn">{t('devices.edges.clockWarn', { offset: duration(Math.abs(clockOffsetMs)) })}</Note>
      )}
      {status !== null && <StatusFacts status={status} />}
    </article>
  );
}

function StatusFacts({ status }: { status: NonNullable<Edge['status']> }) {
  const { t } = useTranslation();
  const dropped = Object.entries(status.dropped).filter(([, count]) => count > 0);
  return (
    <>
      {status.problems.map((problem) => (
        <Note key={`${problem.code}-${problem.sinceMs}`} tone="warn">
          {problem.message}{' '}
          <span className="faint num">
            {t('common.since', { time: timeOrDate(problem.sinceMs, hubClock.nowMs()) })}
          </span>
        </Note>
      ))}
      <dl className="facts">
        <dt>{t('devices.edges.version')}</dt>
        <dd className="num">{status.version}</dd>
        <dt>{t('devices.edges.backlog')}</dt>
        <dd className="num">{t('devices.edges.backlogText', status.backlog)}</dd>
        <dt>{t('devices.edges.disk')}</dt>
        <dd className="num">{status.diskFreeBytes === null ? t('common.unknown') : bytesText(status.diskFreeBytes)}</dd>
        {status.line !== undefined && (
          <>
            <dt>{t('devices.edges.line')}</dt>
            <dd className="num">{lineText(t, status.line)}</dd>
          </>
        )}
        {dropped.length > 0 && (
          <>
            <dt>{t('devices.edges.dropped')}</dt>
            <dd className="num">{dropped.map(([cause, count]) => `${cause} ${count}`).join(', ')}</dd>
          </>
        )}
        {status.listeners.length > 0 && (
          <>
            <dt>{t('devices.edges.listeners')}</dt>
            <dd>
              {status.listeners.map((listener) => (
                <div key={`${listener.name}-${listener.address}`} className="mono">
                  {listener.name} {listener.address}
                </div>
              ))}
            </dd>
          </>
        )}
      </dl>
    </>
  );
}

/** What the line to the centre bears, and how many pictures had to give way. */
function lineText(t: TFunction, line: NonNullable<NonNullable<Edge['status']>['line']>): string {
  const { bitsPerSecond, roundTripMs, held } = line;
  const rate =
    bitsPerSecond === null ? t('devices.edges.lineAmple') : `${(bitsPerSecond / 1_000_000).toFixed(1)} Mbit/s`;
  const facts = [rate, ...(roundTripMs === null ? [] : [`${roundTripMs} ms`])];
  return [...facts, ...(held.length === 0 ? [] : [t('devices.edges.lineHeld', { count: held.length })])].join(' · ');
}
