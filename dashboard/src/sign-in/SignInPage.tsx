import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { signIn } from '../data/session.ts';
import { Button } from '../ui/Button.tsx';
import { TextField } from '../ui/Field.tsx';
import { ErrorNote } from '../ui/Note.tsx';
import { Frame } from './Frame.tsx';

export function SignInPage() {
  const { t } = useTranslation();
  const [account, setAccount] = useState('');
  const [password, setPassword] = useState('');
  const [caps, setCaps] = useState(false);
  const attempt = useMutation({ mutationFn: () => signIn(account.trim(), password) });
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (account.trim() !== '' && password !== '') attempt.mutate();
  }
  return (
    <Frame title={t('shell.signIn.title')} lead={t('shell.signIn.lead')}>
      <form className="stack" onSubmit={submit} onKeyUp={(event) => setCaps(event.getModifierState('CapsLock'))}>
        <TextField
          label={t('shell.signIn.account')}
          value={account}
          onChange={setAccount}
          autoComplete="username"
          autoFocus
          testId="sign-in-account"
        />
        <TextField
          label={t('shell.signIn.password')}
          type="password"
          value={password}
          onChange={setPassword}
          autoComplete="current-password"
          hint={caps ? t('shell.signIn.caps') : undefined}
          testId="sign-in-password"
        />
        <ErrorNote error={attempt.error} />
        <Button type="submit" tone="solid" busy={attempt.isPending} data-testid="sign-in-submit">
          {t('shell.signIn.submit')}
        </Button>
      </form>
      <p className="small faint">{t('shell.signIn.firstHint')}</p>
    </Frame>
  );
}
