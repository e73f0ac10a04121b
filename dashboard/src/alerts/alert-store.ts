import { create } from 'zustand';

interface AlertState {
  /** The incident on the popup panel; null when there is none. */
  shownId: string | null;
  /** Shows an incident, whatever is on the panel. */
  show: (incidentId: string) => void;
  /** An incident arrived: shown when the panel is free, else it only counts in the strip. */
  arrive: (incidentId: string) => void;
  /** Clears the panel; the incident stays in the queue. */
  putAside: () => void;
}

/** What lies on the popup panel. Which incidents wait is not kept here: the list of open incidents says it. */
export const useAlerts = create<AlertState>((set, get) => ({
  shownId: null,
  show: (shownId) => set({ shownId }),
  arrive(incidentId) {
    if (get().shownId === null) set({ shownId: incidentId });
  },
  putAside: () => set({ shownId: null }),
}));
