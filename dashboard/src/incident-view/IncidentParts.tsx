import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Priority } from '../../../contract/event.ts';
import type { IncidentSummary } from '../../../contract/incident.ts';
import { useFormat } from '../format/use-format.ts';
import { useNow } from '../format/use-now.ts';
import { kindKey } from './kind.ts';
import './incident-view.css';

/** The word for a kind of event. */
export function useKindText(): (kind: string) => string {
  const { t, i18n } = useTranslation();
  return (kind) => t(kindKey(kind, (key) => i18n.exists(key)));
}

/** Number, shape and word; colour only for 1 and 2, and only while nobody has taken care. */
export function PriorityBadge({ priority, calm = false }: { priority: Priority; calm?: boolean }) {
  const { t } = useTranslation();
  const label = t(`words.priority.p${priority}`);
  return (
    <span className="priority" data-priority={calm ? 4 : priority} title={label}>
      <span aria-hidden>{priority}</span>
      <span className="visually-hidden">{label}</span>
    </span>
  );
}

/** "3 min 12 s ago", ticking. */
export function Age({ atMs }: { atMs: number }) {
  const { t } = useTranslation();
  const { duration } = useFormat();
  const nowMs = useNow();
  return <span className="num">{t('incidents.age', { age: duration(nowMs - atMs) })}</span>;
}

export function StateTag({ incident }: { incident: IncidentSummary }) {
  const { t } = useTranslation();
  const waiting = incident.state === 'reported';
  return (
    <span className="tag" data-tone={waiting && incident.priority <= 2 ? 'alert' : undefined}>
      {waiting && <TriangleAlert size={12} aria-hidden />}
      {t(`words.incidentState.${incident.state}`)}
    </span>
  );
}
