import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ROLES, type Role } from '../../../contract/access.ts';
import type { Account } from '../data/admin.ts';
import { regionTree, takeInto, useRegions } from '../data/devices.ts';
import { keys } from '../data/keys.ts';
import { api } from '../data/services.ts';
import { Button } from '../ui/Button.tsx';
import { CopyText } from '../ui/CopyText.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { DialogFoot } from '../ui/DialogFoot.tsx';
import { Check, SelectField, TextField } from '../ui/Field.tsx';
import { Note } from '../ui/Note.tsx';

const ACCOUNT = /^[a-z0-9][a-z0-9._-]{1,31}$/;

interface Saved {
  account: Account;
  /** Only for a new account. */
  password: string | null;
}

/** A new account, or changing one. The first password is shown once. */
export function AccountDialog({ account, onClose }: { account: Account | null; onClose: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState(account?.account ?? '');
  const [displayName, setDisplayName] = useState(account?.displayName ?? '');
  const [role, setRole] = useState<Role>(account?.role ?? 'operator');
  const [areas, setAreas] = useState<string[]>(account?.areas ?? []);
  const [checked, setChecked] = useState(false);
  const save = useMutation({
    mutationFn: async (): Promise<Saved> => {
      const common = { displayName: displayName.trim(), role, areas };
      if (account === null) return api.call('createAccount', { body: { account: name.trim(), ...common } });
      const changed = await api.call('changeAccount', { params: { account: account.account }, body: common });
      return { account: changed, password: null };
    },
    onSuccess: (saved) => {
      takeInto<Account>(keys.accounts, saved.account, (other) => other.account === saved.account.account);
      if (saved.password === null) onClose();
    },
  });
  const nameFine = account !== null || ACCOUNT.test(name.trim());
  function submit(event: FormEvent): void {
    event.preventDefault();
    setChecked(true);
    if (nameFine && displayName.trim() !== '') save.mutate();
  }
  if (save.data !== undefined && save.data.password !== null) {
    return (
      <Dialog
        title={t('admin.accounts.createdTitle', { account: save.data.account.account })}
        onClose={onClose}
        dismissable={false}
        testId="account-created"
      >
        <Note tone="warn">{t('admin.accounts.once')}</Note>
        <CopyText label={t('admin.accounts.password')} text={save.data.password} testId="account-password" />
        <div className="row" data-end>
          <Button tone="solid" onClick={onClose} data-testid="account-finished">
            {t('admin.accounts.finished')}
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog
      title={
        account === null ? t('admin.accounts.create') : t('admin.accounts.editTitle', { account: account.account })
      }
      onClose={onClose}
      testId="account-dialog"
    >
      <form className="stack" onSubmit={submit}>
        {account === null && (
          <TextField
            label={t('admin.accounts.account')}
            value={name}
            onChange={setName}
            hint={t('admin.accounts.accountHint')}
            error={checked && !nameFine ? t('admin.accounts.accountBad') : null}
            maxLength={32}
            testId="account-name"
          />
        )}
        <TextField
          label={t('admin.accounts.displayName')}
          value={displayName}
          onChange={setDisplayName}
          error={checked && displayName.trim() === '' ? t('admin.accounts.displayNameBad') : null}
          maxLength={64}
          testId="account-display-name"
        />
        <SelectField
          label={t('admin.accounts.role')}
          value={role}
          onChange={(next) => setRole(ROLES.find((each) => each === next) ?? role)}
          options={ROLES.map((each) => ({ value: each, label: t(`words.role.${each}`) }))}
          testId="account-role"
        />
        <AreaChecks areas={areas} onChange={setAreas} />
        <DialogFoot
          step={save}
          submit={account === null ? t('admin.accounts.submit') : t('common.save')}
          onClose={onClose}
          testId="account-submit"
        />
      </form>
    </Dialog>
  );
}

function AreaChecks({ areas, onChange }: { areas: string[]; onChange: (areas: string[]) => void }) {
  const { t } = useTranslation();
  const rows = regionTree(useRegions().data ?? []);
  return (
    <fieldset className="areas">
      <legend className="small muted">{t('admin.accounts.areas')}</legend>
      {rows.map(({ region, depth }) => (
        <div key={region.regionId} style={{ paddingLeft: depth * 20 }}>
          <Check
            label={region.name}
            checked={areas.includes(region.regionId)}
            onChange={(on) =>
              onChange(on ? [...areas, region.regionId] : areas.filter((each) => each !== region.regionId))
            }
          />
        </div>
      ))}
      <p className="small faint">{t('admin.accounts.areasHint')}</p>
    </fieldset>
  );
}
