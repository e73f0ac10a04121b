import { Cctv } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useDevices } from '../data/devices.ts';
import { useIncidents } from '../data/incidents.ts';
import { useMay } from '../data/session.ts';
import { Empty, Loading } from '../ui/Empty.tsx';
import { Note } from '../ui/Note.tsx';
import { QueryView } from '../ui/QueryView.tsx';
import { JobList } from './JobList.tsx';
import { OrderForm } from './OrderForm.tsx';
import { SignerPanel } from './SignerPanel.tsx';
import './footage.css';

/** Marking what is needed, ordering it, and taking it away sealed. */
export default function FootagePage() {
  const { t } = useTranslation();
  const mayExport = useMay('footage.export');
  const devices = useDevices();
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t('footage.title')}</h1>
      </div>
      <div className="footage">
        <div className="stack">
          {mayExport ? (
            <QueryView query={devices}>
              {(all) => {
                const cameras = all.filter((device) => device.type === 'camera');
                if (cameras.length > 0) return <OrderFromAddress cameras={cameras} />;
                return (
                  <Empty icon={<Cctv size={40} strokeWidth={1.5} aria-hidden />} title={t('footage.noCamerasTitle')}>
                    {t('footage.noCameras')}
                  </Empty>
                );
              }}
            </QueryView>
          ) : (
            <Note>{t('footage.noExport')}</Note>
          )}
        </div>
        <div className="stack">
          <JobList />
          <SignerPanel />
        </div>
      </div>
    </div>
  );
}

/** `?incident=…` brings cameras and time along; without it the form begins with the last minutes. */
function OrderFromAddress({ cameras }: { cameras: Parameters<typeof OrderForm>[0]['cameras'] }) {
  const [search] = useSearchParams();
  const wanted = search.get('incident');
  const open = useIncidents('open');
  const closed = useIncidents('closed');
  if (wanted === null) return <OrderForm key="free" cameras={cameras} incident={null} />;
  const incident = [...(open.data ?? []), ...(closed.data ?? [])].find((each) => each.incidentId === wanted);
  if (incident === undefined && (open.isLoading || closed.isLoading)) return <Loading />;
  return <OrderForm key={wanted} cameras={cameras} incident={incident ?? null} />;
}
