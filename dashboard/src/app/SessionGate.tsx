import { Unplug } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useSessionQuery } from '../data/session.ts';
import { useErrorText } from '../format/use-error-text.ts';
import { ChangePasswordPage } from '../sign-in/ChangePasswordPage.tsx';
import { SignInPage } from '../sign-in/SignInPage.tsx';
import { Button } from '../ui/Button.tsx';
import { Empty, Loading } from '../ui/Empty.tsx';

/** Nothing of the product is shown before the hub has said who is there. */
export function SessionGate({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const query = useSessionQuery();
  if (query.data === undefined) {
    if (query.error === null) return <Loading />;
    return (
      <Empty
        icon={<Unplug size={40} aria-hidden />}
        title={t('shell.hubAwayTitle')}
        testId="hub-away"
        actions={
          <Button tone="solid" busy={query.isFetching} onClick={() => void query.refetch()}>
            {t('common.retry')}
          </Button>
        }
      >
        {errorText(query.error)}
      </Empty>
    );
  }
  if (query.data === null) return <SignInPage />;
  if (query.data.mustChangePassword) return <ChangePasswordPage />;
  return children;
}
