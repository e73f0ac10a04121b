import { type RefObject, useEffect, useRef, useState } from 'react';
import type { Device } from '../../../contract/api/devices.ts';
import { useAlerts } from '../alerts/alert-store.ts';
import { useUnaccepted } from '../alerts/use-alerting.ts';
import { useHotkeys } from '../ui/use-hotkeys.ts';
import { neighbour } from './layouts.ts';
import { useTypedNumber } from './use-typed-number.ts';
import type { WallTiles } from './use-wall-tiles.ts';

/** What this screen shows of the wall: nobody else sees it. */
export interface WallView {
  grid: RefObject<HTMLDivElement | null>;
  enlarged: number | null;
  /** The tile that the keyboard is on. */
  marked: number;
  facts: boolean;
  editing: boolean;
  help: boolean;
  /** A camera's number that is being typed. */
  typed: number | null;
  enlarge: (at: number) => void;
  mark: (at: number) => void;
  toggleFacts: () => void;
  toggleEditing: () => void;
  setHelp: (help: boolean) => void;
}

/** The state of this screen and its keys. */
export function useWallView(wall: WallTiles, cameras: readonly Device[], mayManage: boolean): WallView {
  const grid = useRef<HTMLDivElement>(null);
  const [enlarged, setEnlarged] = useState<number | null>(null);
  const [marked, setMarked] = useState(0);
  const [facts, setFacts] = useState(false);
  const [editing, setEditing] = useState(false);
  const [help, setHelp] = useState(false);
  const typed = useTypedNumber();

  /** A typed number puts its camera onto the tile; without one the tile becomes large, or small again. */
  function enter(at: number): void {
    const camera = cameras.find((each) => each.number === typed.number);
    if (typed.number === null) setEnlarged(enlarged === null && wall.tiles[at] != null ? at : null);
    else if (camera !== undefined && mayManage) wall.put(at, camera.deviceId);
    typed.clear();
  }
  function back(): void {
    if (typed.number !== null) typed.clear();
    else if (enlarged !== null) setEnlarged(null);
    else setEditing(false);
  }
  function arrow(event: KeyboardEvent): void {
    if (enlarged !== null) return;
    const next = neighbour(wall.cells, marked, event.key);
    setMarked(next);
    grid.current?.querySelector<HTMLElement>(`[data-at="${next}"] > *`)?.focus();
  }
  const toggleFacts = (): void => setFacts(!facts);
  const toggleEditing = (): void => setEditing(mayManage && !editing);
  useWallKeys({
    ...Object.fromEntries(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'].map((key) => [key, arrow])),
    ...Object.fromEntries([...(mayManage ? '0123456789' : '')].map((digit) => [digit, () => typed.type(digit)])),
    Enter: () => enter(marked),
    Escape: back,
    i: toggleFacts,
    e: toggleEditing,
    f: toggleFullscreen,
    '?': () => setHelp(true),
  });
  useEffect(() => {
    if (enlarged !== null && wall.tiles[enlarged] == null) setEnlarged(null);
  });
  return {
    grid,
    enlarged,
    marked,
    facts,
    editing,
    help,
    typed: typed.number,
    enlarge: enter,
    mark: setMarked,
    toggleFacts,
    toggleEditing,
    setHelp,
  };
}

/** The wall's keys rest while an incident lies over it. */
function useWallKeys(hotkeys: Parameters<typeof useHotkeys>[0]): void {
  const show = useAlerts((state) => state.show);
  const popupShown = useAlerts((state) => state.shownId !== null);
  const first = useUnaccepted()[0];
  useHotkeys({ ...hotkeys, s: () => first !== undefined && show(first.incidentId) }, !popupShown);
}

export function toggleFullscreen(): void {
  if (document.fullscreenElement !== null) void document.exitFullscreen();
  else void document.documentElement.requestFullscreen?.().catch(() => undefined);
}
