import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { keys } from '../data/keys.ts';
import { api } from '../data/services.ts';
import { QueryView } from '../ui/QueryView.tsx';

/** Counters of the hub, for whoever has to find out what is going on. */
export function StateTab() {
  const { t } = useTranslation();
  const state = useQuery({
    queryKey: keys.centreState,
    queryFn: () => api.call('centreState', {}),
    refetchInterval: 5000,
  });
  return (
    <div className="stack">
      <p className="muted">{t('admin.state.lead')}</p>
      <QueryView query={state}>
        {({ counters }) => {
          const rows = Object.entries(counters).sort(([a], [b]) => a.localeCompare(b));
          if (rows.length === 0) return <p className="muted">{t('admin.state.empty')}</p>;
          return (
            <dl className="facts panel panel-body counters" data-testid="counters">
              {rows.map(([name, value]) => (
                <div key={name} style={{ display: 'contents' }}>
                  <dt className="mono">{name}</dt>
                  <dd className="num">{value.toLocaleString('en')}</dd>
                </div>
              ))}
            </dl>
          );
        }}
      </QueryView>
    </div>
  );
}
