import { useTranslation } from 'react-i18next';
import { Navigate, NavLink, Route, Routes } from 'react-router';
import type { Permission } from '../../../contract/access.ts';
import { useSession } from '../data/session.ts';
import { AccountsTab } from './AccountsTab.tsx';
import { AuditTab } from './AuditTab.tsx';
import { EdgesTab } from './EdgesTab.tsx';
import { RegionsTab } from './RegionsTab.tsx';
import { StateTab } from './StateTab.tsx';
import './admin.css';

const TABS = [
  { name: 'accounts', needs: 'account.manage', Tab: AccountsTab },
  { name: 'regions', needs: 'region.manage', Tab: RegionsTab },
  { name: 'edges', needs: 'edge.manage', Tab: EdgesTab },
  { name: 'audit', needs: 'audit.read', Tab: AuditTab },
  { name: 'state', needs: 'audit.read', Tab: StateTab },
] as const satisfies readonly { name: string; needs: Permission; Tab: () => React.ReactNode }[];

/** Administration, by permission. */
export default function AdminPage() {
  const { t } = useTranslation();
  const { permissions } = useSession();
  const tabs = TABS.filter((tab) => permissions.includes(tab.needs));
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('admin.title')}</h1>
      </div>
      <nav className="tabs" aria-label={t('admin.title')}>
        {tabs.map((tab) => (
          <NavLink key={tab.name} to={`/admin/${tab.name}`} data-testid={`admin-${tab.name}`}>
            {t(`admin.tabs.${tab.name}`)}
          </NavLink>
        ))}
      </nav>
      <Routes>
        {tabs.map(({ name, Tab }) => (
          <Route key={name} path={name} element={<Tab />} />
        ))}
        <Route path="*" element={<Navigate to={`/admin/${tabs[0]?.name ?? 'audit'}`} replace />} />
      </Routes>
    </div>
  );
}
