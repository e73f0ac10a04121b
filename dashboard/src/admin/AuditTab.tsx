import { useMutation } from '@tanstack/react-query';
import { ScrollText, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditEntry } from '../../../contract/api/centre.ts';
import { useAudit } from '../data/admin.ts';
import { api } from '../data/services.ts';
import { dateAndTime } from '../format/time.ts';
import { Button } from '../ui/Button.tsx';
import { Empty, Loading } from '../ui/Empty.tsx';
import { ErrorNote, Note } from '../ui/Note.tsx';

/** The audit log, newest first, with its proof. */
export function AuditTab() {
  const { t } = useTranslation();
  const [action, setAction] = useState('');
  const audit = useAudit(action);
  const [known, setKnown] = useState<readonly string[]>([]);
  const entries = audit.data?.pages.flat() ?? [];
  const fresh = entries.map((entry) => entry.action).filter((each) => !known.includes(each));
  if (fresh.length > 0) setKnown([...new Set([...known, ...fresh])].sort());
  return (
    <div className="stack">
      <p className="muted">{t('admin.audit.lead')}</p>
      <div className="row audit-head">
        <select
          className="input"
          aria-label={t('admin.audit.action')}
          value={action}
          onChange={(event) => setAction(event.target.value)}
          data-testid="audit-action"
        >
          <option value="">{t('admin.audit.anyAction')}</option>
          {known.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
        <Verify />
      </div>
      {audit.isLoading && <Loading />}
      <ErrorNote error={audit.error} onRetry={() => void audit.refetch()} />
      {audit.data !== undefined && entries.length === 0 && (
        <Empty icon={<ScrollText size={40} strokeWidth={1.5} aria-hidden />} title={t('admin.audit.emptyTitle')}>
          {t('admin.audit.empty')}
        </Empty>
      )}
      {entries.length > 0 && (
        <ul className="panel lines" data-testid="audit-list">
          {entries.map((entry) => (
            <li key={entry.sequence}>
              <Entry entry={entry} />
            </li>
          ))}
        </ul>
      )}
      {audit.hasNextPage && (
        <Button busy={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
          {t('admin.audit.older')}
        </Button>
      )}
    </div>
  );
}

function Verify() {
  const { t } = useTranslation();
  const verify = useMutation({ mutationFn: () => api.call('verifyAudit', {}, { timeoutMs: 120_000 }) });
  return (
    <div className="audit-verify">
      <Button
        icon={<ShieldCheck size={18} aria-hidden />}
        busy={verify.isPending}
        onClick={() => verify.mutate()}
        data-testid="audit-verify"
      >
        {t('admin.audit.verify')}
      </Button>
      <ErrorNote error={verify.error} />
      {verify.data !== undefined && (
        <div data-testid="audit-verdict" data-intact={verify.data.intact}>
          {verify.data.intact ? (
            <Note>{t('admin.audit.intact', { entries: verify.data.entries })}</Note>
          ) : (
            <Note tone="alert">{t('admin.audit.broken', { at: verify.data.brokenAt ?? '?' })}</Note>
          )}
        </div>
      )}
    </div>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation();
  const details = Object.entries(entry.details);
  return (
    <div className="line audit-line" data-testid="audit-entry" data-action={entry.action}>
      <span className="small faint num audit-when">
        #{entry.sequence} {dateAndTime(entry.atMs)}
      </span>
      <div className="grow">
        <div className="row">
          <strong className="mono">{entry.action}</strong>
          <span className="mono small muted">{entry.subject}</span>
        </div>
        <div className="small muted">
          {entry.account ?? t('admin.audit.system')}
          {entry.address !== null && <span className="faint"> · {entry.address}</span>}
          {entry.purpose !== null && ` · ${entry.purpose}`}
        </div>
        {details.length > 0 && (
          <details className="small faint">
            <summary>{t('admin.audit.details')}</summary>
            <span className="mono">{details.map(([key, value]) => `${key}=${String(value)}`).join('  ')}</span>
            <br />
            <span className="mono">{entry.hash}</span>
          </details>
        )}
      </div>
    </div>
  );
}
