import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { Wall } from '../../../contract/api/centre.ts';
import type { Device } from '../../../contract/api/devices.ts';
import { AlertStrip } from '../alerts/AlertStrip.tsx';
import { useAlerts } from '../alerts/alert-store.ts';
import { useUnaccepted } from '../alerts/use-alerting.ts';
import { useMay } from '../data/session.ts';
import { useChangeWall } from '../data/walls.ts';
import { useLive } from '../live/live-context.tsx';
import { KeySheet } from '../ui/KeySheet.tsx';
import { ErrorNote } from '../ui/Note.tsx';
import { useHotkeys } from '../ui/use-hotkeys.ts';
import { CameraPicker } from './CameraPicker.tsx';
import { gridSize, type Layout, layoutCells, neighbour, resized } from './layouts.ts';
import { useTypedNumber } from './use-typed-number.ts';
import { WallBar } from './WallBar.tsx';
import { WallTile } from './WallTile.tsx';

interface Props {
  wall: Wall;
  walls: readonly Wall[];
  cameras: readonly Device[];
  onChoose: (wallId: string) => void;
}

export function WallView({ wall, walls, cameras, onChoose }: Props) {
  const { t } = useTranslation();
  const mayManage = useMay('wall.manage');
  const change = useChangeWall();
  const grid = useRef<HTMLDivElement>(null);
  const [enlarged, setEnlarged] = useState<number | null>(null);
  const [marked, setMarked] = useState(0);
  const [facts, setFacts] = useState(false);
  const [editing, setEditing] = useState(false);
  const [picking, setPicking] = useState<number | null>(null);
  const [help, setHelp] = useState(false);
  const typed = useTypedNumber();
  const show = useAlerts((state) => state.show);
  const popupShown = useAlerts((state) => state.shownId !== null);
  const waiting = useUnaccepted();
  const cells = layoutCells(wall.layout);
  const tiles = cells.map((_, at) => cameras.find((camera) => camera.deviceId === wall.tiles[at]) ?? null);

  function put(at: number, deviceId: string | null): void {
    const next = cells.map((_, index) => wall.tiles[index] ?? null);
    const from = deviceId === null ? -1 : next.indexOf(deviceId);
    // A camera that is on the wall already changes places instead of appearing twice.
    if (from >= 0) next[from] = next[at] ?? null;
    next[at] = deviceId;
    change.mutate({ ...wall, tiles: next });
  }
  function focusTile(at: number): void {
    setMarked(at);
    grid.current?.querySelector<HTMLElement>(`[data-at="${at}"] > *`)?.focus();
  }
  function enter(): void {
    const camera = cameras.find((each) => each.number === typed.number);
    if (typed.number === null) setEnlarged(enlarged === null && tiles[marked] !== null ? marked : null);
    else if (camera !== undefined && mayManage) put(marked, camera.deviceId);
    typed.clear();
  }
  function back(): void {
    if (typed.number !== null) typed.clear();
    else if (enlarged !== null) setEnlarged(null);
    else setEditing(false);
  }
  const arrow = (event: KeyboardEvent): void => {
    if (enlarged === null) focusTile(neighbour(cells, marked, event.key));
  };
  const digits = Object.fromEntries([...'0123456789'].map((digit) => [digit, () => typed.type(digit)]));
  useHotkeys(
    {
      ArrowLeft: arrow,
      ArrowRight: arrow,
      ArrowUp: arrow,
      ArrowDown: arrow,
      Enter: enter,
      Escape: back,
      i: () => setFacts(!facts),
      f: toggleFullscreen,
      e: () => mayManage && setEditing(!editing),
      s: () => waiting[0] !== undefined && show(waiting[0].incidentId),
      '?': () => setHelp(true),
      ...(mayManage ? digits : {}),
    },
    !popupShown,
  );
  useEffect(() => {
    if (enlarged !== null && tiles[enlarged] == null) setEnlarged(null);
  });

  const bar = {
    wall,
    walls,
    facts,
    editing,
    mayManage,
    onChoose,
    onFacts: () => setFacts(!facts),
    onEdit: () => setEditing(!editing),
    onFullscreen: toggleFullscreen,
    onHelp: () => setHelp(true),
    onLayout: (layout: Layout) => {
      const inOrder = [...cameras].sort((a, b) => a.number - b.number).map((camera) => camera.deviceId);
      change.mutate({ ...wall, layout, tiles: resized(wall, layout, inOrder) });
    },
    onAutoFill: (autoFill: boolean) => change.mutate({ ...wall, autoFill }),
  };
  return (
    <div className="wall" data-testid="wall" data-layout={wall.layout} data-wall={wall.wallId}>
      <div
        ref={grid}
        className="wall-grid"
        data-size={gridSize(wall.layout)}
        data-enlarged={enlarged !== null || undefined}
        style={{ '--cells': gridSize(wall.layout) } as React.CSSProperties}
      >
        {cells.map((cell, at) => (
          <WallTile
            // biome-ignore lint/suspicious/noArrayIndexKey: a place on the wall is its index.
            key={at}
            at={at}
            cell={cell}
            device={tiles[at] ?? null}
            enlarged={enlarged === at}
            facts={facts}
            editing={editing}
            marked={marked === at}
            onEnlarge={() => setEnlarged(enlarged === at ? null : at)}
            onMark={() => setMarked(at)}
            onPick={() => setPicking(at)}
          />
        ))}
      </div>
      <LinkNote />
      {typed.number !== null && (
        <div className="wall-typed" role="status">
          {t('wall.typedNumber', { number: typed.number })}
        </div>
      )}
      {change.error !== null && (
        <div className="wall-note">
          <ErrorNote error={change.error} />
        </div>
      )}
      <WallBar {...bar}>
        <AlertStrip />
      </WallBar>
      {picking !== null && (
        <CameraPicker
          title={t('wall.pickCamera', { n: picking + 1 })}
          cameras={cameras}
          onPick={(deviceId) => {
            put(picking, deviceId);
            setPicking(null);
          }}
          onClose={() => setPicking(null)}
        />
      )}
      {help && <WallKeys onClose={() => setHelp(false)} />}
    </div>
  );
}

function toggleFullscreen(): void {
  if (document.fullscreenElement !== null) void document.exitFullscreen();
  else void document.documentElement.requestFullscreen?.().catch(() => undefined);
}

/** Only when it lasts: a short interruption is healed before anybody could read about it. */
function LinkNote() {
  const { t } = useTranslation();
  const { socket } = useLive();
  const state = useSyncExternalStore(socket.subscribe, socket.state);
  const open = state === 'open';
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (open) return undefined;
    const timer = setTimeout(() => setLate(true), 3000);
    return () => clearTimeout(timer);
  }, [open]);
  if (open || !late) return null;
  return (
    <div className="wall-note wall-link" role="status" data-testid="live-link-lost">
      {t('wall.notFromServer')}
    </div>
  );
}

function WallKeys({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <KeySheet
      onClose={onClose}
      rows={[
        ['← ↑ → ↓', t('wall.keys.arrows')],
        ['Enter', t('wall.keys.enter')],
        ['Esc', t('wall.keys.esc')],
        ['I', t('wall.keys.i')],
        ['F', t('wall.keys.f')],
        ['0–9 Enter', t('wall.keys.digits')],
        ['E', t('wall.keys.e')],
        ['S', t('wall.keys.s')],
        ['?', t('wall.keys.help')],
      ]}
    />
  );
}
