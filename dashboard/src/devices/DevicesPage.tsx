import { lazy } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, NavLink, Route, Routes } from 'react-router';
import { useCandidates } from '../data/devices.ts';
import { useMay } from '../data/session.ts';
import { EdgesTab } from './EdgesTab.tsx';
import { FoundTab } from './FoundTab.tsx';
import { RegisteredTab } from './RegisteredTab.tsx';
import './devices.css';

const CandidateWizard = lazy(() => import('./CandidateWizard.tsx'));
const AddSensor = lazy(() => import('./AddSensor.tsx'));
const AddCaller = lazy(() => import('./AddCaller.tsx'));
const DeviceDetail = lazy(() => import('./DeviceDetail.tsx'));

/** The technician's page: what was found, what is registered, and the edges. */
export default function DevicesPage() {
  const mayManage = useMay('device.manage');
  return (
    <Routes>
      <Route index element={<Navigate to={mayManage ? 'found' : 'registered'} replace />} />
      {mayManage && <Route path="found" element={<Tabbed tab="found" />} />}
      {mayManage && <Route path="found/:edgeId/:candidateId" element={<CandidateWizard />} />}
      {mayManage && <Route path="add/sensor" element={<AddSensor />} />}
      {mayManage && <Route path="add/alarm-box" element={<AddCaller key="box" kind="box" />} />}
      {mayManage && <Route path="add/meter" element={<AddCaller key="meter" kind="meter" />} />}
      {mayManage && <Route path="add/station" element={<AddCaller key="station" kind="station" />} />}
      <Route path="registered" element={<Tabbed tab="registered" />} />
      <Route path="registered/:deviceId" element={<DeviceDetail />} />
      <Route path="edges" element={<Tabbed tab="edges" />} />
      <Route path="*" element={<Navigate to="/devices" replace />} />
    </Routes>
  );
}

function Tabbed({ tab }: { tab: 'found' | 'registered' | 'edges' }) {
  const { t } = useTranslation();
  const mayManage = useMay('device.manage');
  const candidates = useCandidates();
  const news = candidates.data?.filter((each) => each.change === 'new' && each.registeredAs === null).length ?? 0;
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('devices.title')}</h1>
      </div>
      <nav className="tabs" aria-label={t('devices.title')}>
        {mayManage && (
          <NavLink to="/devices/found" data-testid="tab-found">
            {t('devices.tabs.found')}
            {news > 0 && <span className="tag num">{news}</span>}
          </NavLink>
        )}
        <NavLink to="/devices/registered" data-testid="tab-registered">
          {t('devices.tabs.registered')}
        </NavLink>
        <NavLink to="/devices/edges" data-testid="tab-edges">
          {t('devices.tabs.edges')}
        </NavLink>
      </nav>
      {tab === 'found' && <FoundTab />}
      {tab === 'registered' && <RegisteredTab />}
      {tab === 'edges' && <EdgesTab />}
    </div>
  );
}
