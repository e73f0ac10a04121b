import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { TileSnapshot } from '../player/tile-snapshot.ts';
import { StreamBadge } from './StreamBadge.tsx';
import { useSound } from './sound-store.ts';
import { TileControls } from './TileControls.tsx';
import { TileFactsPanel } from './TileFactsPanel.tsx';
import { TileMessage } from './TileMessage.tsx';
import { useDirectLink } from './use-direct-link.ts';
import { useFrameCount, useTilePlayer, useWatching } from './use-tile-player.ts';
import './live.css';

export interface LiveTileProps {
  /** Unique on the page, e.g. `wall-3`. */
  tile: string;
  deviceId: string;
  name: string;
  number?: number | undefined;
  place?: string | undefined;
  /** Without it the hub chooses by the tile's size. */
  stream?: 'auto' | 'main' | 'sub';
  /** Up to 9; who keeps a picture when the line is too thin for all. */
  priority?: number;
  /** Whether its sound is wanted. */
  audio?: boolean;
  /** Edge that may be asked for the picture without the hub in between; null or nothing for no. */
  directEdgeId?: string | null;
  facts?: boolean;
  /** Makes it large, or small again: a button, a double click or Enter. */
  onEnlarge?: (() => void) | undefined;
  enlarged?: boolean;
  onKeyDown?: (event: KeyboardEvent<HTMLElement>) => void;
  /** A line under the name, e.g. why this camera is shown. */
  caption?: ReactNode;
  tabIndex?: number;
  className?: string;
  /** Whether the keys P, A and T mean this tile. */
  keys?: boolean;
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

/** What a tile says while its picture comes straight from the edge. */
function directSnapshot(asked: 'auto' | 'main' | 'sub', stream: 'main' | 'sub'): TileSnapshot {
  const sent = { stream, why: asked === 'auto' ? 'tile-size' : 'asked', keyFramesOnly: false } as const;
  return { state: 'live', reason: 'live', sinceMs: null, sent, path: 'webrtc' };
}

/** One camera, live: picture, a strip with its name, and a sentence when the picture does not move. */
export function LiveTile(props: LiveTileProps) {
  const { tile, deviceId, name, number, place, priority = 0, facts = false, onEnlarge, caption } = props;
  const root = useRef<HTMLElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const directVideo = useRef<HTMLVideoElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const [chosen, setChosen] = useState<'auto' | 'main' | 'sub' | null>(null);
  const stream = chosen ?? props.stream ?? 'auto';
  const onScreen = useOnScreen(root);
  const listening = useSound((sound) => sound.tile === tile);
  const audio = props.audio === true || listening;
  // The direct way has no sound.
  const directEdgeId = onScreen && !audio ? (props.directEdgeId ?? null) : null;
  const directStream = stream === 'sub' ? 'sub' : 'main';
  const { player, snapshot: throughHub } = useTilePlayer({ tile, priority, video, canvas, still });
  const direct = useDirectLink({ edgeId: directEdgeId, deviceId, stream: directStream, video: directVideo, player });
  const isDirect = direct.link !== null;
  useWatching({ tile, root, player, deviceId, stream, audio, priority, paused: !onScreen || isDirect });
  useFrameCount(root, player, direct.frames);
  const snapshot = isDirect ? directSnapshot(stream, directStream) : throughHub;
  const { state, reason, path, sent } = snapshot;

  return (
    <section
      ref={root}
      className={`tile ${props.className ?? ''}`}
      data-testid="tile"
      data-device={deviceId}
      data-state={state}
      data-reason={reason}
      data-stream={sent?.stream}
      data-why={sent?.why}
      data-key-frames-only={sent?.keyFramesOnly}
      data-path={path}
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
      <canvas ref={canvas} hidden />
      <canvas ref={still} hidden />
      {directEdgeId !== null && (
        <video ref={directVideo} muted playsInline disablePictureInPicture tabIndex={-1} hidden={!isDirect} />
      )}
      {state !== 'live' && <TileMessage snapshot={snapshot} />}
      <div className="tile-strip">
        {number !== undefined && <span className="tile-number num">{number}</span>}
        <span className="tile-name">{name}</span>
        {place !== undefined && place !== '' && <span className="tile-place">{place}</span>}
        {sent !== null && <StreamBadge sent={sent} />}
        {caption !== undefined && <span className="tile-caption">{caption}</span>}
      </div>
      <TileControls
        tile={tile}
        deviceId={deviceId}
        name={name}
        player={player}
        keys={props.keys ?? false}
        enlarged={props.enlarged ?? false}
        onEnlarge={onEnlarge}
      />
      {facts && player !== null && (
        <TileFactsPanel player={player} link={direct.link} snapshot={snapshot} stream={stream} onStream={setChosen} />
      )}
    </section>
  );
}
