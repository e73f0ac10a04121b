import { useCallback, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { IncidentSummary } from '../../../contract/incident.ts';
import type { HubToDashboard } from '../../../contract/socket.ts';
import { useAnnouncements } from '../data/announcements.ts';
import { useIncidents } from '../data/incidents.ts';
import { useMay } from '../data/session.ts';
import { alarmSound } from './alarm-sound.ts';
import { useAlerts } from './alert-store.ts';

/** Incidents that nobody has accepted yet, most urgent first. */
export function useUnaccepted(): IncidentSummary[] {
  return useIncidents('open').data?.filter((incident) => incident.state === 'reported') ?? [];
}

/** Receives the hub's announcements, puts urgent incidents onto the panel and counts in the tab's title. */
export function useAlerting(): void {
  const { t } = useTranslation();
  const mayHandle = useMay('incident.handle');
  const onIncident = useCallback<HubToDashboard['incident']>(
    (incident, change) => {
      if (mayHandle && change === 'opened' && incident.priority <= 2) useAlerts.getState().arrive(incident.incidentId);
    },
    [mayHandle],
  );
  useAnnouncements(onIncident);

  const waiting = useUnaccepted().length;
  useEffect(() => {
    document.title = waiting > 0 ? `(${waiting}) ${t('common.product')}` : t('common.product');
  }, [waiting, t]);

  useEffect(() => {
    const unlock = (): void => alarmSound.unlock();
    window.addEventListener('pointerdown', unlock);
    window.addEventListener('keydown', unlock);
    return () => {
      window.removeEventListener('pointerdown', unlock);
      window.removeEventListener('keydown', unlock);
    };
  }, []);
}
