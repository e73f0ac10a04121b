import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface Props {
  icon: ReactNode;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  testId?: string;
}

/** A page or list with nothing on it: says why, and what to do next. */
export function Empty({ icon, title, children, actions, testId }: Props) {
  return (
    <div className="empty" data-testid={testId}>
      {icon}
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {actions !== undefined && <div className="empty-actions">{actions}</div>}
    </div>
  );
}

export function Loading() {
  const { t } = useTranslation();
  return (
    <div className="loading" role="status">
      {t('common.loading')}
    </div>
  );
}
