import { History as HistoryIcon } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { IncidentDetail } from '../../../contract/incident.ts';
import { useMay } from '../data/session.ts';
import { cameraReason } from '../incident-view/reasons.ts';
import { LiveTile } from '../live/LiveTile.tsx';
import { Button } from '../ui/Button.tsx';
import { Note } from '../ui/Note.tsx';
import { useHotkeys } from '../ui/use-hotkeys.ts';
import { RecordedClip } from './RecordedClip.tsx';

const MOST = 8;

/** The incident's cameras: live on the left, on demand the recorded seconds around its beginning beside it. */
export function IncidentCameras({ incident }: { incident: IncidentDetail }) {
  const { t } = useTranslation();
  const mayLook = useMay('footage.view');
  const mayLive = useMay('live.view');
  const cameras = incident.cameras.slice(0, MOST);
  const [chosenId, setChosen] = useState<string | null>(null);
  const [recorded, setRecorded] = useState(false);
  const chosen = cameras.find((camera) => camera.deviceId === chosenId) ?? cameras[0];
  useHotkeys({ b: () => setRecorded(true) }, mayLook && chosen !== undefined);
  if (chosen === undefined) return <Note>{t('incidents.noCameras')}</Note>;
  if (!mayLive) return null;
  const others = cameras.filter((camera) => camera !== chosen);
  return (
    <section
      className="incident-cameras"
      aria-label={t('incidents.camerasTitle')}
      data-recorded={recorded || undefined}
    >
      <div className="incident-stage">
        <LiveTile
          key={chosen.deviceId}
          tile={`incident-${chosen.deviceId}`}
          deviceId={chosen.deviceId}
          name={chosen.name}
          caption={chosen.reasons[0] === undefined ? undefined : cameraReason(t, chosen.reasons[0])}
          priority={recorded ? 6 : 7}
        />
        {recorded && <RecordedClip key={chosen.deviceId} incident={incident} camera={chosen} />}
      </div>
      {others.length > 0 && (
        <div className="incident-others">
          {others.map((camera) => (
            <LiveTile
              key={camera.deviceId}
              tile={`incident-${camera.deviceId}`}
              deviceId={camera.deviceId}
              name={camera.name}
              caption={camera.reasons[0] === undefined ? undefined : cameraReason(t, camera.reasons[0])}
              priority={6}
              onEnlarge={() => setChosen(camera.deviceId)}
            />
          ))}
        </div>
      )}
      {mayLook && !recorded && (
        <div className="row">
          <Button
            icon={<HistoryIcon size={18} aria-hidden />}
            onClick={() => setRecorded(true)}
            data-testid="show-before"
          >
            {t('incidents.before.show')} <kbd>B</kbd>
          </Button>
        </div>
      )}
    </section>
  );
}
