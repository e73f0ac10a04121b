import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Brand } from '../app/Brand.tsx';
import { LanguageSwitch } from '../app/LanguageSwitch.tsx';
import './sign-in.css';

/** The one calm card before the product begins. */
export function Frame({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <main className="gate">
      <div className="gate-top">
        <LanguageSwitch />
      </div>
      <div className="gate-card">
        <div className="gate-brand">
          <Brand size={40} />
          <div>
            <strong>{t('common.product')}</strong>
            <span className="small muted">{lead}</span>
          </div>
        </div>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}
