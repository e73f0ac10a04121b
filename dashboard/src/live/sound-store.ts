import { create } from 'zustand';

interface SoundState {
  /** The one tile that is listened to; null when all are muted. */
  tile: string | null;
  /** Somebody speaks into the microphone: what the loudspeaker says would come back through it. */
  talking: boolean;
  toggle: (tile: string) => void;
  /** The tile goes away. */
  release: (tile: string) => void;
  setTalking: (talking: boolean) => void;
}

/** What this page sounds like. */
export const useSound = create<SoundState>((set) => ({
  tile: null,
  talking: false,
  toggle: (tile) => set((before) => ({ tile: before.tile === tile ? null : tile })),
  release: (tile) => set((before) => (before.tile === tile ? { tile: null } : {})),
  setTalking: (talking) => set({ talking }),
}));
