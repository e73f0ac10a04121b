import { Cctv, LayoutGrid } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import type { Wall } from '../../../contract/api/centre.ts';
import { useDevices } from '../data/devices.ts';
import { useMay } from '../data/session.ts';
import { useWalls } from '../data/walls.ts';
import { Empty, Loading } from '../ui/Empty.tsx';
import { ErrorNote } from '../ui/Note.tsx';
import { WallView } from './WallView.tsx';
import './wall.css';

/** The wall as the server keeps it. */
export default function WallPage() {
  const { t } = useTranslation();
  const walls = useWalls();
  const devices = useDevices();
  const mayManage = useMay('device.manage');
  const [search] = useSearchParams();
  const [chosen, setChosen] = useState<string | null>(search.get('wall'));
  const wall = walls.data?.find((each) => each.wallId === chosen) ?? walls.data?.[0];
  useEffect(() => {
    document.body.dataset['page'] = 'wall';
    return () => {
      delete document.body.dataset['page'];
    };
  }, []);
  if (walls.data === undefined || devices.data === undefined) {
    const error = walls.error ?? devices.error;
    if (error === null) return <Loading />;
    return (
      <div className="page">
        <ErrorNote error={error} onRetry={() => void Promise.all([walls.refetch(), devices.refetch()])} />
      </div>
    );
  }
  const cameras = devices.data.filter((device) => device.type === 'camera');
  if (cameras.length === 0) {
    return (
      <Empty
        icon={<Cctv size={44} strokeWidth={1.5} aria-hidden />}
        title={t('wall.noCamerasTitle')}
        testId="wall-empty"
        actions={
          mayManage && (
            <Link className="button" data-tone="solid" to="/devices">
              {t('wall.noCamerasAction')}
            </Link>
          )
        }
      >
        {t('wall.noCameras')}
      </Empty>
    );
  }
  if (wall === undefined) {
    return (
      <Empty icon={<LayoutGrid size={44} strokeWidth={1.5} aria-hidden />} title={t('wall.noWallTitle')}>
        {t('wall.noWall')}
      </Empty>
    );
  }
  return <WallView wall={wall} walls={walls.data as Wall[]} cameras={cameras} onChoose={setChosen} />;
}
