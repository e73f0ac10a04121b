import { useMutation } from '@tanstack/react-query';
import { UserPlus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Account, useAccounts } from '../data/admin.ts';
import { takeInto, useRegions } from '../data/devices.ts';
import { keys } from '../data/keys.ts';
import { api, hubClock } from '../data/services.ts';
import { useSession } from '../data/session.ts';
import { timeOrDate } from '../format/time.ts';
import { Button } from '../ui/Button.tsx';
import { ErrorNote } from '../ui/Note.tsx';
import { QueryView } from '../ui/QueryView.tsx';
import { AccountDialog } from './AccountDialog.tsx';

export function AccountsTab() {
  const { t } = useTranslation();
  const accounts = useAccounts();
  const [editing, setEditing] = useState<Account | 'new' | null>(null);
  return (
    <div className="stack">
      <div className="row" data-end>
        <Button
          tone="solid"
          icon={<UserPlus size={18} aria-hidden />}
          onClick={() => setEditing('new')}
          data-testid="account-new"
        >
          {t('admin.accounts.create')}
        </Button>
      </div>
      <QueryView query={accounts}>
        {(all) => (
          <ul className="panel lines" data-testid="account-list">
            {all.map((account) => (
              <li key={account.account}>
                <AccountRow account={account} onEdit={() => setEditing(account)} />
              </li>
            ))}
          </ul>
        )}
      </QueryView>
      {editing !== null && (
        <AccountDialog account={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </div>
  );
}

function AccountRow({ account, onEdit }: { account: Account; onEdit: () => void }) {
  const { t } = useTranslation();
  const session = useSession();
  const regions = useRegions().data ?? [];
  const self = session.account === account.account;
  const toggle = useMutation({
    mutationFn: () =>
      api.call('changeAccount', { params: { account: account.account }, body: { disabled: !account.disabled } }),
    onSuccess: (next) => takeInto<Account>(keys.accounts, next, (other) => other.account === next.account),
  });
  const areas = account.areas.map((id) => regions.find((region) => region.regionId === id)?.name ?? id);
  return (
    <div className="line" data-testid="account" data-account={account.account} data-disabled={account.disabled}>
      <div className="grow">
        <div className="row">
          <strong>{account.displayName}</strong>
          <span className="mono small faint">{account.account}</span>
          {self && <span className="tag">{t('admin.accounts.you')}</span>}
          {account.disabled && <span className="tag">{t('admin.accounts.disabled')}</span>}
        </div>
        <div className="small muted">
          {t(`words.role.${account.role}`)} · {areas.length === 0 ? t('admin.accounts.wholeCounty') : areas.join(', ')}{' '}
          ·{' '}
          <span className="faint num">
            {account.lastSignInAtMs === null
              ? t('admin.accounts.neverSignedIn')
              : t('admin.accounts.lastSignIn', { time: timeOrDate(account.lastSignInAtMs, hubClock.nowMs()) })}
          </span>
        </div>
        <ErrorNote error={toggle.error} />
      </div>
      <Button onClick={onEdit}>{t('admin.accounts.edit')}</Button>
      {!self && (
        <Button tone="quiet" busy={toggle.isPending} onClick={() => toggle.mutate()} data-testid="account-toggle">
          {t(account.disabled ? 'admin.accounts.enable' : 'admin.accounts.disable')}
        </Button>
      )}
    </div>
  );
}
