import { useEffect, useState } from 'react';
import { api } from '../data/services.ts';
import { browserClock } from '../player/player-clock.ts';
import { routeUrl } from '../transport/api-client.ts';
import { PtzDrive } from './ptz-drive.ts';

const ORDER_TIMEOUT_MS = 7000;

/** The drive of one camera; whatever takes the person away from the page stops it. */
export function usePtzDrive(deviceId: string, onError: (error: unknown) => void): PtzDrive {
  const [drive] = useState(() => {
    const options = { timeoutMs: ORDER_TIMEOUT_MS };
    return new PtzDrive({
      move: (body) => api.call('movePtz', { params: { deviceId }, body }, options),
      stop: () => api.call('stopPtz', { params: { deviceId } }, options),
      clock: browserClock,
      onError,
    });
  });
  useEffect(() => {
    const release = (): void => drive.release();
    const hidden = (): void => {
      if (document.visibilityState === 'hidden') drive.release();
    };
    // A page that goes away has no time for an answer.
    const leave = (): void => {
      if (drive.holding) navigator.sendBeacon(routeUrl('stopPtz', { deviceId }));
      drive.release();
    };
    window.addEventListener('blur', release);
    window.addEventListener('pagehide', leave);
    document.addEventListener('visibilitychange', hidden);
    return () => {
      window.removeEventListener('blur', release);
      window.removeEventListener('pagehide', leave);
      document.removeEventListener('visibilitychange', hidden);
      drive.release();
    };
  }, [drive, deviceId]);
  return drive;
}
