import { ServerCrash } from 'lucide-react';
import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../ui/Button.tsx';
import { Empty } from '../ui/Empty.tsx';

function Broken() {
  const { t } = useTranslation();
  return (
    <Empty
      icon={<ServerCrash size={40} aria-hidden />}
      title={t('shell.brokenTitle')}
      testId="broken"
      actions={
        <Button tone="solid" onClick={() => location.reload()}>
          {t('shell.reload')}
        </Button>
      }
    >
      {t('shell.broken')}
    </Empty>
  );
}

/** Catches what a page throws, and parts of the program that do not load (a new version was installed meanwhile). */
export class FaultBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    return this.state.broken ? <Broken /> : this.props.children;
  }
}
