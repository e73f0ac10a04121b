import { QueryClientProvider } from '@tanstack/react-query';
import { type ComponentType, lazy, type ReactNode } from 'react';
import { BrowserRouter, Navigate, Route, Routes } from 'react-router';
import type { Permission } from '../../../contract/access.ts';
import { queryClient } from '../data/query-client.ts';
import { useMay, useSession } from '../data/session.ts';
import { FaultBoundary } from './FaultBoundary.tsx';
import { NotFound } from './NotFound.tsx';
import { SessionGate } from './SessionGate.tsx';
import { Shell } from './Shell.tsx';
import { startPage } from './sections.ts';

const WallPage = lazy(() => import('../wall/WallPage.tsx'));
const IncidentsPage = lazy(() => import('../incidents/IncidentsPage.tsx'));
const FootagePage = lazy(() => import('../footage/FootagePage.tsx'));
const DevicesPage = lazy(() => import('../devices/DevicesPage.tsx'));
const AdminPage = lazy(() => import('../admin/AdminPage.tsx'));

function Guarded({ needs, children }: { needs: Permission; children: ReactNode }) {
  return useMay(needs) ? children : <NotFound />;
}

function guarded(needs: Permission, Page: ComponentType): ReactNode {
  return (
    <Guarded needs={needs}>
      <Page />
    </Guarded>
  );
}

function Start() {
  return <Navigate to={startPage(useSession().permissions)} replace />;
}

/** Providers, session and routes; the pages themselves load when they are first opened. */
export function App() {
  return (
    <FaultBoundary>
      <QueryClientProvider client={queryClient}>
        <BrowserRouter>
          <SessionGate>
            <Shell>
              <Routes>
                <Route index element={<Start />} />
                <Route path="wall" element={guarded('live.view', WallPage)} />
                <Route path="incidents/:incidentId?" element={guarded('incident.read', IncidentsPage)} />
                <Route path="footage" element={guarded('footage.view', FootagePage)} />
                <Route path="devices/*" element={guarded('device.read', DevicesPage)} />
                <Route path="admin/*" element={guarded('audit.read', AdminPage)} />
                <Route path="*" element={<NotFound />} />
              </Routes>
            </Shell>
          </SessionGate>
        </BrowserRouter>
      </QueryClientProvider>
    </FaultBoundary>
  );
}
