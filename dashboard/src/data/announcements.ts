import { useEffect } from 'react';
import type { HubToDashboard } from '../../../contract/socket.ts';
import { dropDevice, takeCandidate, takeDevice, takeEdge } from './devices.ts';
import { takeJob } from './footage.ts';
import { takeIncident } from './incidents.ts';
import { keys } from './keys.ts';
import { takePtzControl } from './ptz.ts';
import { queryClient } from './query-client.ts';
import { hubSocket } from './services.ts';
import { forgetSession } from './session.ts';
import { takeWall } from './walls.ts';

/** Writes what the hub announces into the cache; after an interruption everything is read again. */
export function useAnnouncements(onIncident: HubToDashboard['incident']): void {
  useEffect(() => {
    hubSocket.start({
      incident(incident, change) {
        takeIncident(incident);
        void queryClient.invalidateQueries({ queryKey: keys.incident(incident.incidentId) });
        onIncident(incident, change);
      },
      device: takeDevice,
      deviceRemoved: dropDevice,
      edge: takeEdge,
      candidate: takeCandidate,
      job: takeJob,
      wall: takeWall,
      ptz: takePtzControl,
      signedOut: forgetSession,
      reconnected: () => void queryClient.invalidateQueries(),
    });
    return () => hubSocket.stop();
  }, [onIncident]);
}
