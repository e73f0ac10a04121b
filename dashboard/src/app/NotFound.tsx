import { Compass } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Empty } from '../ui/Empty.tsx';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Empty
      icon={<Compass size={40} aria-hidden />}
      title={t('shell.notFoundTitle')}
      actions={
        <Link className="button" to="/">
          {t('shell.home')}
        </Link>
      }
    >
      {t('shell.notFound')}
    </Empty>
  );
}
