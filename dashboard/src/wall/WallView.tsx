import { useEffect, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { Wall } from '../../../contract/api/centre.ts';
import type { Device } from '../../../contract/api/devices.ts';
import { AlertStrip } from '../alerts/AlertStrip.tsx';
import { useMay } from '../data/session.ts';
import { useLive } from '../live/live-context.tsx';
import { KeySheet } from '../ui/KeySheet.tsx';
import { ErrorNote } from '../ui/Note.tsx';
import { CameraPicker } from './CameraPicker.tsx';
import { gridSize } from './layouts.ts';
import { useWallTiles } from './use-wall-tiles.ts';
import { useWallView } from './use-wall-view.ts';
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
  const tiles = useWallTiles(wall, cameras);
  const view = useWallView(tiles, cameras, mayManage);
  const [picking, setPicking] = useState<number | null>(null);
  const size = gridSize(wall.layout);
  return (
    <div className="wall" data-testid="wall" data-layout={wall.layout} data-wall={wall.wallId}>
      <div ref={view.grid} className="wall-grid" style={{ '--cells': size } as React.CSSProperties}>
        {tiles.cells.map((cell, at) => (
          <WallTile
            // biome-ignore lint/suspicious/noArrayIndexKey: a place on the wall is its index.
            key={at}
            at={at}
            cell={cell}
            device={tiles.tiles[at] ?? null}
            enlarged={view.enlarged === at}
            alone={tiles.cells.length === 1}
            facts={view.facts}
            editing={view.editing}
            marked={view.marked === at}
            onEnlarge={() => view.enlarge(at)}
            onMark={() => view.mark(at)}
            onPick={() => setPicking(at)}
          />
        ))}
      </div>
      <LinkNote />
      {view.typed !== null && (
        <div className="wall-typed" role="status">
          {t('wall.typedNumber', { number: view.typed })}
        </div>
      )}
      {tiles.error !== null && (
        <div className="wall-note">
          <ErrorNote error={tiles.error} />
        </div>
      )}
      <WallBar wall={wall} walls={walls} mayManage={mayManage} tiles={tiles} view={view} onChoose={onChoose}>
        <AlertStrip />
      </WallBar>
      {picking !== null && (
        <CameraPicker
          title={t('wall.pickCamera', { n: picking + 1 })}
          cameras={cameras}
          onPick={(deviceId) => {
            tiles.put(picking, deviceId);
            setPicking(null);
          }}
          onClose={() => setPicking(null)}
        />
      )}
      {view.help && <WallKeys onClose={() => view.setHelp(false)} />}
    </div>
  );
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
        ['P', t('wall.keys.p')],
        ['A', t('wall.keys.a')],
        ['T', t('wall.keys.t')],
        ['0–9 Enter', t('wall.keys.digits')],
        ['E', t('wall.keys.e')],
        ['S', t('wall.keys.s')],
        ['?', t('wall.keys.help')],
      ]}
    />
  );
}
