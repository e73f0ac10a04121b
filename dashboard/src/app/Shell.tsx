import { type ReactNode, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import { AlertStrip } from '../alerts/AlertStrip.tsx';
import { IncidentPopup } from '../alerts/IncidentPopup.tsx';
import { useAlerting } from '../alerts/use-alerting.ts';
import { useSession } from '../data/session.ts';
import { LiveProvider } from '../live/live-context.tsx';
import { ReadersDialog } from '../readers/ReadersDialog.tsx';
import { ChangePasswordForm } from '../sign-in/ChangePasswordForm.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Loading } from '../ui/Empty.tsx';
import { AccountMenu } from './AccountMenu.tsx';
import { ConnectionBanner } from './ConnectionBanner.tsx';
import { FaultBoundary } from './FaultBoundary.tsx';
import { Navigation } from './Navigation.tsx';
import './shell.css';

/** Pages on which an incident may cover what is shown; a form or an evidence order is never covered. */
const POPUP_PAGES = ['/wall', '/incidents'];

export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const session = useSession();
  const { pathname } = useLocation();
  const [changing, setChanging] = useState(false);
  const [readers, setReaders] = useState(false);
  useAlerting();
  const section = pathname.split('/')[1] ?? '';
  const popup = POPUP_PAGES.includes(`/${section}`);
  return (
    <LiveProvider port={session.livePort}>
      <div className="shell" data-section={section}>
        <a className="skip" href="#content">
          {t('shell.skip')}
        </a>
        <Navigation
          menu={<AccountMenu onChangePassword={() => setChanging(true)} onReaders={() => setReaders(true)} />}
        />
        <div className="shell-main">
          <ConnectionBanner />
          {section !== 'wall' && (
            <div className="shell-strip">
              <AlertStrip />
            </div>
          )}
          <main id="content" tabIndex={-1}>
            <FaultBoundary key={section}>
              <Suspense fallback={<Loading />}>{children}</Suspense>
            </FaultBoundary>
          </main>
        </div>
        {popup && <IncidentPopup />}
        {readers && <ReadersDialog onClose={() => setReaders(false)} />}
        {changing && (
          <Dialog title={t('shell.changePassword')} onClose={() => setChanging(false)}>
            <p className="muted">{t('shell.password.lead')}</p>
            <ChangePasswordForm onDone={() => setChanging(false)} />
          </Dialog>
        )}
      </div>
    </LiveProvider>
  );
}
