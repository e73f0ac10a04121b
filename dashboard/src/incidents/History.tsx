import { useTranslation } from 'react-i18next';
import type { IncidentEntry } from '../../../contract/incident.ts';
import { hubClock } from '../data/services.ts';
import { timeOrDate } from '../format/time.ts';

/** What people and the system did, newest first. */
export function History({ entries }: { entries: readonly IncidentEntry[] }) {
  const { t } = useTranslation();
  return (
    <section className="panel">
      <div className="panel-head">
        <h2>{t('incidents.history')}</h2>
      </div>
      <ol className="timeline panel-body" data-testid="incident-history">
        {[...entries].reverse().map((entry, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: entries have no id and only ever grow at one end.
          <li key={entries.length - at} data-kind={entry.kind}>
            <div className="row">
              <strong>{t(`incidents.entry.${entry.kind}`)}</strong>
              <span className="small faint num">
                {entry.by ?? t('incidents.system')} · {timeOrDate(entry.atMs, hubClock.nowMs())}
              </span>
            </div>
            {entry.text !== '' && <p className="small muted history-text">{entry.text}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}
