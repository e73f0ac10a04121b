import { useTranslation } from 'react-i18next';
import { signOut, useSession } from '../data/session.ts';
import { Button } from '../ui/Button.tsx';
import { ChangePasswordForm } from './ChangePasswordForm.tsx';
import { Frame } from './Frame.tsx';

/** After the first sign-in with a generated password: one calm page, then everything is ready. */
export function ChangePasswordPage() {
  const { t } = useTranslation();
  const session = useSession();
  return (
    <Frame title={t('shell.password.title')} lead={session.displayName}>
      <p className="muted">{t('shell.password.forced')}</p>
      <ChangePasswordForm />
      <Button tone="quiet" onClick={() => void signOut()}>
        {t('shell.signOut')}
      </Button>
    </Frame>
  );
}
