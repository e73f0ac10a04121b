import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { TileReason } from '../../../contract/live.ts';
import { hubClock } from '../data/services.ts';
import { timeOrDate } from '../format/time.ts';
import type { TileState } from '../player/tile-player.ts';
import { useLive } from './live-context.tsx';
import { TileFactsPanel } from './TileFactsPanel.tsx';
import { useTilePlayer } from './use-tile-player.ts';
import './live.css';

export interface LiveTileProps {
  /** Unique on the page, e.g. `wall-3`. */
  tile: string;
  deviceId: string;
  name: string;
  number?: number | undefined;
  place?: string | undefined;
  stream?: 'main' | 'sub';
  priority?: number;
  facts?: boolean;
  /** Double click or Enter. */
  onEnlarge?: (() => void) | undefined;
  onKeyDown?: (event: KeyboardEvent<HTMLElement>) => void;
  /** A line under the name, e.g. why this camera is shown. */
  caption?: ReactNode;
  tabIndex?: number;
  className?: string;
}

function useOnScreen(element: React.RefObject<HTMLElement | null>): boolean {
  const [visible, setVisible] = useState(true);
  useEffect(() => {
    if (element.current === null) return undefined;
    const observer = new IntersectionObserver((entries) => setVisible(entries.at(-1)?.isIntersecting ?? true), {
      rootMargin: '120px',
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return visible;
}

/** One camera, live: picture, a strip with its name, and a sentence when the picture does not move. */
export function LiveTile(props: LiveTileProps) {
  const { tile, deviceId, name, number, place, priority = 0, facts = false, onEnlarge, caption } = props;
  const { t } = useTranslation();
  const root = useRef<HTMLElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const visible = useOnScreen(root);
  const wanted = props.stream ?? 'sub';
  const [mainFails, setMainFails] = useState(false);
  const stream = wanted === 'main' && mainFails ? 'sub' : wanted;
  const paused = !visible;
  const { player, snapshot } = useTilePlayer({ tile, deviceId, stream, priority, paused, root, video, still });
  const { state, reason } = snapshot;

  // A main stream that this browser cannot decode, or that the camera does not have: the small picture beats none.
  useEffect(() => {
    if (wanted === 'main' && (reason === 'unsupported-codec' || reason === 'no-stream')) setMainFails(true);
  }, [wanted, reason]);

  return (
    <section
      ref={root}
      className={`tile ${props.className ?? ''}`}
      data-testid="tile"
      data-device={deviceId}
      data-state={state}
      data-reason={reason}
      data-stream={stream}
      aria-label={name}
      tabIndex={props.tabIndex ?? (onEnlarge === undefined ? undefined : 0)}
      onDoubleClick={onEnlarge}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && event.target === event.currentTarget && onEnlarge !== undefined) {
          event.preventDefault();
          onEnlarge();
        }
        props.onKeyDown?.(event);
      }}
    >
      <video ref={video} muted playsInline disablePictureInPicture tabIndex={-1} />
      <canvas ref={still} hidden />
      {state !== 'live' && <TileMessage state={state} reason={reason} sinceMs={snapshot.sinceMs} />}
      <div className="tile-strip">
        {number !== undefined && <span className="tile-number num">{number}</span>}
        <span className="tile-name">{name}</span>
        {place !== undefined && place !== '' && <span className="tile-place">{place}</span>}
        {mainFails && wanted === 'main' && <span className="tile-place">{t('wall.subInstead')}</span>}
        {caption !== undefined && <span className="tile-caption">{caption}</span>}
      </div>
      {facts && player !== null && <TileFactsPanel player={player} stream={stream} />}
    </section>
  );
}

function TileMessage({ state, reason, sinceMs }: { state: TileState; reason: TileReason; sinceMs: number | null }) {
  const { t } = useTranslation();
  const { socket } = useLive();
  const linked = useSyncExternalStore(socket.subscribe, socket.state) === 'open';
  if (state === 'starting') return <div className="tile-wait" role="status" aria-label={t('words.tile.starting')} />;
  // The camera is not to blame while the pictures' own way to the centre is interrupted.
  const sentence = linked ? t(`words.tile.${reason}`) : t('wall.notFromServer');
  return (
    <div className="tile-message" data-testid="tile-message">
      {reason !== 'limit' && sinceMs !== null && (
        <strong>{t('wall.noSignalSince', { time: timeOrDate(sinceMs, hubClock.nowMs()) })}</strong>
      )}
      <span>{sentence}</span>
    </div>
  );
}
