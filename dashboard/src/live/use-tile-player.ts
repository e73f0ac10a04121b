import { type RefObject, useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { hubClock } from '../data/services.ts';
import { browserClock } from '../player/player-clock.ts';
import { TilePlayer } from '../player/tile-player.ts';
import type { TileOrder } from '../player/tile-sink.ts';
import { FIRST_SNAPSHOT, type TileSnapshot } from '../player/tile-snapshot.ts';
import { useLive } from './live-context.tsx';
import { usePictureSize } from './use-picture-size.ts';

/** From this on a tile is what somebody looks at. */
const ENLARGED_PRIORITY = 9;
const nothing = (): (() => void) => () => undefined;

/** The elements of a tile. */
export interface TileElements {
  root: RefObject<HTMLElement | null>;
  video: RefObject<HTMLVideoElement | null>;
  canvas: RefObject<HTMLCanvasElement | null>;
  still: RefObject<HTMLCanvasElement | null>;
}

interface Options extends Pick<TileOrder, 'deviceId' | 'stream' | 'audio'> {
  /** Unique on the page. */
  tile: string;
  priority: number;
  /** Off the screen: costs nothing while true. */
  paused: boolean;
  elements: TileElements;
}

/** Binds a player to the elements of a tile and to the live socket. */
export function useTilePlayer(options: Options): { player: TilePlayer | null; snapshot: TileSnapshot } {
  const { tile, deviceId, stream, priority, audio, paused, elements } = options;
  const { root, video, canvas, still } = elements;
  const { socket, ticker } = useLive();
  const [player, setPlayer] = useState<TilePlayer | null>(null);
  const size = usePictureSize(root);
  const latest = useRef({ tile, priority });
  latest.current = { tile, priority };

  useEffect(() => {
    if (video.current === null || canvas.current === null || still.current === null) return undefined;
    const made = new TilePlayer({
      surface: { video: video.current, canvas: canvas.current },
      still: still.current,
      ticker,
      clock: browserClock,
      hubNow: () => hubClock.nowMs(),
      isEnlarged: () => latest.current.priority >= ENLARGED_PRIORITY,
      askAgain: () => socket.restart(latest.current.tile),
    });
    made.start();
    // Written past React: a number that changes four times a second must not render anything.
    const removeTick = ticker.add(() => {
      if (root.current !== null) root.current.dataset['frames'] = String(made.presentedFrames);
    });
    setPlayer(made);
    return () => {
      removeTick();
      made.stop();
      setPlayer(null);
    };
  }, [socket, ticker, root, video, canvas, still]);

  useEffect(() => {
    if (player === null || paused || size === null) return;
    socket.watch(tile, { deviceId, stream, audio, ...size }, player, priority);
  }, [player, paused, socket, tile, deviceId, stream, audio, size, priority]);

  // Only leaving (or pausing) ends the watching; changing the order changes it in place.
  useEffect(() => {
    if (player === null || paused) return undefined;
    return () => socket.unwatch(tile);
  }, [player, paused, socket, tile]);

  const snapshot = useSyncExternalStore(
    player?.subscribe ?? nothing,
    useCallback(() => player?.snapshot() ?? FIRST_SNAPSHOT, [player]),
  );
  return { player, snapshot };
}
