import { Plus, RefreshCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Device } from '../../../contract/api/devices.ts';
import { useAlerts } from '../alerts/alert-store.ts';
import { LiveTile } from '../live/LiveTile.tsx';
import type { Cell } from './layouts.ts';

interface Props {
  at: number;
  cell: Cell;
  device: Device | null;
  enlarged: boolean;
  /** The only tile of its wall. */
  alone: boolean;
  facts: boolean;
  editing: boolean;
  marked: boolean;
  onEnlarge: () => void;
  onMark: () => void;
  onPick: () => void;
}

/** A place on the wall with its camera, or empty. */
export function WallTile({
  at,
  cell,
  device,
  enlarged,
  alone,
  facts,
  editing,
  marked,
  onEnlarge,
  onMark,
  onPick,
}: Props) {
  const { t } = useTranslation();
  const popupShown = useAlerts((state) => state.shownId !== null);
  const keys = marked && !popupShown && !editing;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: remembers where the keyboard is; the tile inside is operable.
    <div
      className="wall-cell"
      data-at={at}
      data-enlarged={enlarged || undefined}
      data-marked={marked || undefined}
      onFocus={onMark}
      style={
        enlarged
          ? undefined
          : { gridColumn: `${cell.column} / span ${cell.span}`, gridRow: `${cell.row} / span ${cell.span}` }
      }
    >
      {device === null ? (
        <div className="tile-empty" tabIndex={marked ? 0 : -1}>
          {t('wall.emptyTile')}
        </div>
      ) : (
        <LiveTile
          key={device.deviceId}
          tile={`wall-${at}`}
          deviceId={device.deviceId}
          name={device.name}
          number={device.number}
          place={device.regionPath.at(-1)}
          priority={enlarged || alone ? 9 : -at / 100}
          facts={facts}
          directEdgeId={enlarged && device.edge?.abilities?.direct === true ? device.edgeId : null}
          onEnlarge={onEnlarge}
          enlarged={enlarged}
          tabIndex={marked ? 0 : -1}
          keys={keys}
        />
      )}
      {editing && (
        <button type="button" className="wall-pick" onClick={onPick} data-testid={`pick-${at}`}>
          {device === null ? <Plus size={20} aria-hidden /> : <RefreshCw size={20} aria-hidden />}
          <span>{device === null ? t('wall.emptyTileEdit') : device.name}</span>
        </button>
      )}
    </div>
  );
}
