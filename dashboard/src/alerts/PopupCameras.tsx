import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { IncidentSummary } from '../../../contract/incident.ts';
import { cameraReason } from '../incident-view/reasons.ts';
import { LiveTile } from '../live/LiveTile.tsx';
import { Note } from '../ui/Note.tsx';

const MOST = 5;

/** The linked cameras, live, best first; the first one is large, a double click makes another one large. */
export function PopupCameras({ incident }: { incident: IncidentSummary }) {
  const { t } = useTranslation();
  const [large, setLarge] = useState<string | null>(null);
  const cameras = incident.cameras.slice(0, MOST);
  if (cameras.length === 0) return <Note>{t('incidents.noCameras')}</Note>;
  const largeId = large ?? cameras[0]?.deviceId;
  return (
    <div className="popup-cameras" data-count={cameras.length}>
      {cameras.map((camera) => {
        const reason = camera.reasons[0];
        const isLarge = camera.deviceId === largeId;
        // The first one is large as long as no other is.
        const isAtRest = isLarge && camera === cameras[0];
        return (
          <LiveTile
            key={camera.deviceId}
            tile={`popup-${camera.deviceId}`}
            deviceId={camera.deviceId}
            name={camera.name}
            caption={reason === undefined ? undefined : cameraReason(t, reason)}
            priority={8}
            className={isLarge ? 'is-large' : ''}
            enlarged={isLarge}
            onEnlarge={isAtRest ? undefined : () => setLarge(isLarge ? null : camera.deviceId)}
            tabIndex={0}
          />
        );
      })}
    </div>
  );
}
