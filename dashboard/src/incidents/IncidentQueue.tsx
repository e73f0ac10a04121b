import type { UseQueryResult } from '@tanstack/react-query';
import { CircleCheck, Filter as FilterIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { IncidentSummary } from '../../../contract/incident.ts';
import { useFormat } from '../format/use-format.ts';
import { Age, PriorityBadge, StateTag, useKindText } from '../incident-view/IncidentParts.tsx';
import { Button } from '../ui/Button.tsx';
import { Empty } from '../ui/Empty.tsx';
import { QueryView } from '../ui/QueryView.tsx';
import { Segments } from '../ui/Segments.tsx';
import { type Filter, NO_FILTER, regionsOf } from './filter.ts';

interface Props {
  query: UseQueryResult<IncidentSummary[]>;
  shown: readonly IncidentSummary[];
  filter: Filter;
  onFilter: (filter: Filter) => void;
  marked: string | null;
  onOpen: (incident: IncidentSummary) => void;
}

/** Incidents in order of urgency. */
export function IncidentQueue({ query, shown, filter, onFilter, marked, onOpen }: Props) {
  const { t } = useTranslation();
  return (
    <section className="queue" aria-label={t('incidents.title')}>
      <div className="queue-head">
        <h1>{t('incidents.title')}</h1>
        <Segments
          label={t('incidents.title')}
          value={filter.state}
          onChange={(state) => onFilter({ ...filter, state })}
          testId="incident-state"
          options={[
            { value: 'open', label: t('incidents.filter.open') },
            { value: 'closed', label: t('incidents.filter.closed') },
          ]}
        />
        <Filters incidents={query.data ?? []} filter={filter} onFilter={onFilter} />
      </div>
      <QueryView query={query}>
        {(all) =>
          shown.length === 0 ? (
            <NothingHere
              filter={filter}
              any={all.length > 0}
              onClear={() => onFilter({ ...NO_FILTER, state: filter.state })}
            />
          ) : (
            <ul className="queue-list" data-testid="incident-list">
              {shown.map((incident) => (
                <li key={incident.incidentId}>
                  <QueueRow
                    incident={incident}
                    marked={incident.incidentId === marked}
                    onOpen={() => onOpen(incident)}
                  />
                </li>
              ))}
            </ul>
          )
        }
      </QueryView>
    </section>
  );
}

function Filters({
  incidents,
  filter,
  onFilter,
}: {
  incidents: readonly IncidentSummary[];
  filter: Filter;
  onFilter: (filter: Filter) => void;
}) {
  const { t } = useTranslation();
  const priorities = ['1', '2', '3', '4'] as const;
  return (
    <div className="queue-filters">
      <select
        className="input"
        aria-label={t('incidents.filter.priority')}
        value={filter.priority}
        onChange={(event) => onFilter({ ...filter, priority: priorities.find((p) => p === event.target.value) ?? '' })}
        data-testid="filter-priority"
      >
        <option value="">{t('incidents.filter.anyPriority')}</option>
        {priorities.map((each) => (
          <option key={each} value={each}>
            {t(`words.priority.p${each}`)}
          </option>
        ))}
      </select>
      <select
        className="input"
        aria-label={t('incidents.filter.owner')}
        value={filter.owner}
        onChange={(event) =>
          onFilter({ ...filter, owner: (['mine', 'nobody'] as const).find((o) => o === event.target.value) ?? '' })
        }
        data-testid="filter-owner"
      >
        <option value="">{t('incidents.filter.anyOwner')}</option>
        <option value="mine">{t('incidents.filter.mine')}</option>
        <option value="nobody">{t('incidents.filter.unowned')}</option>
      </select>
      <select
        className="input"
        aria-label={t('incidents.filter.region')}
        value={filter.region}
        onChange={(event) => onFilter({ ...filter, region: event.target.value })}
        data-testid="filter-region"
      >
        <option value="">{t('incidents.filter.anyRegion')}</option>
        {regionsOf(incidents).map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

function QueueRow({ incident, marked, onOpen }: { incident: IncidentSummary; marked: boolean; onOpen: () => void }) {
  const { t } = useTranslation();
  const kindText = useKindText();
  const { regionPath } = useFormat();
  const calm = incident.state !== 'reported';
  return (
    <button
      type="button"
      className="queue-row"
      data-testid="incident-row"
      data-incident-row={incident.incidentId}
      data-number={incident.number}
      data-state={incident.state}
      aria-current={marked || undefined}
      onClick={onOpen}
    >
      <PriorityBadge priority={incident.priority} calm={calm} />
      <span className="grow">
        <span className="queue-row-title">
          <strong>{kindText(incident.kind)}</strong> <span className="faint num">#{incident.number}</span>
        </span>
        <span className="small muted queue-row-place">
          {incident.deviceName} · {regionPath(incident.regionPath.slice(-2))}
        </span>
        <span className="small faint">
          <Age atMs={incident.firstEventAtMs} /> · {t('incidents.events', { count: incident.eventCount })} ·{' '}
          {t('incidents.cameras', { count: incident.cameras.length })}
        </span>
      </span>
      <span className="queue-row-end">
        <StateTag incident={incident} />
        {incident.owner !== null && <span className="small faint">{incident.owner}</span>}
        {incident.closingCode !== null && (
          <span className="small faint">{t(`words.closingCode.${incident.closingCode}`)}</span>
        )}
      </span>
    </button>
  );
}

function NothingHere({ filter, any, onClear }: { filter: Filter; any: boolean; onClear: () => void }) {
  const { t } = useTranslation();
  if (any) {
    return (
      <Empty
        icon={<FilterIcon size={36} strokeWidth={1.5} aria-hidden />}
        title={t('incidents.emptyFilterTitle')}
        actions={<Button onClick={onClear}>{t('incidents.clearFilter')}</Button>}
      >
        {t('incidents.emptyFilter')}
      </Empty>
    );
  }
  const open = filter.state === 'open';
  return (
    <Empty
      icon={<CircleCheck size={40} strokeWidth={1.5} aria-hidden />}
      title={t(open ? 'incidents.emptyOpenTitle' : 'incidents.emptyClosedTitle')}
      testId="incidents-empty"
    >
      {t(open ? 'incidents.emptyOpen' : 'incidents.emptyClosed')}
    </Empty>
  );
}
