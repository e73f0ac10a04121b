import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink } from 'react-router';
import { useUnaccepted } from '../alerts/use-alerting.ts';
import { useSession } from '../data/session.ts';
import { Brand } from './Brand.tsx';
import { LanguageSwitch } from './LanguageSwitch.tsx';
import { SECTIONS } from './sections.ts';

/** A rail at the side; on a phone a bar under the thumb, with the rest on top. */
export function Navigation({ menu }: { menu: ReactNode }) {
  const { t } = useTranslation();
  const { permissions } = useSession();
  const waiting = useUnaccepted().length;
  return (
    <header className="rail">
      <Brand />
      <nav aria-label={t('shell.nav.label')}>
        {SECTIONS.filter((section) => permissions.includes(section.needs)).map(({ name, path, icon: Icon }) => (
          <NavLink key={name} to={path} data-testid={`nav-${name}`}>
            <Icon size={22} strokeWidth={1.75} aria-hidden />
            <span>{t(`shell.nav.${name}`)}</span>
            {name === 'incidents' && waiting > 0 && (
              <span className="rail-count num" data-testid="unaccepted-count">
                {waiting}
              </span>
            )}
          </NavLink>
        ))}
      </nav>
      <div className="rail-end">
        <LanguageSwitch />
        {menu}
      </div>
    </header>
  );
}
