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

/** What a tile paints on. */
interface TileElements {
  video: RefObject<HTMLVideoElement | null>;
  canvas: RefObject<HTMLCanvasElement | null>;
  still: RefObject<HTMLCanvasElement | null>;
}

interface PlayerOptions extends TileElements {
  /** Unique on the page. */
  tile: string;
  priority: number;
}

/** Makes the player of a tile, on its elements. */
export function useTilePlayer(options: PlayerOptions): { player: TilePlayer | null; snapshot: TileSnapshot } {
  const { tile, priority, video, canvas, still } = options;
  const { socket, ticker } = useLive();
  const [player, setPlayer] = useState<TilePlayer | null>(null);
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
    setPlayer(made);
    return () => {
      made.stop();
      setPlayer(null);
    };
  }, [socket, ticker, video, canvas, still]);

  const snapshot = useSyncExternalStore(
    player?.subscribe ?? nothing,
    useCallback(() => player?.snapshot() ?? FIRST_SNAPSHOT, [player]),
  );
  return { player, snapshot };
}

interface WatchOptions extends Pick<TileOrder, 'deviceId' | 'stream' | 'audio'> {
  tile: string;
  root: RefObject<HTMLElement | null>;
  player: TilePlayer | null;
  priority: number;
  /** Off the screen, or shown another way: costs nothing while true. */
  paused: boolean;
}

/** Asks the live socket for a tile's stream. */
export function useWatching(options: WatchOptions): void {
  const { tile, root, player, deviceId, stream, audio, priority, paused } = options;
  const { socket } = useLive();
  const size = usePictureSize(root);

  useEffect(() => {
    if (player === null || paused || size === null) return;
    socket.watch(tile, { deviceId, stream, audio, ...size }, player, priority);
  }, [player, paused, socket, tile, deviceId, stream, audio, size, priority]);

  // Only leaving (or pausing) ends the watching; changing the order changes it in place.
  useEffect(() => {
    if (player === null || paused) return undefined;
    return () => {
      socket.unwatch(tile);
      player.rest();
    };
  }, [player, paused, socket, tile]);
}

/** Writes onto the tile how many frames it has painted, on whichever way. */
export function useFrameCount(
  root: RefObject<HTMLElement | null>,
  player: TilePlayer | null,
  otherFrames: () => number,
): void {
  const { ticker } = useLive();
  useEffect(() => {
    if (player === null) return undefined;
    // Past React: a number that changes four times a second must not render anything.
    return ticker.add(() => {
      if (root.current !== null) root.current.dataset['frames'] = String(player.presentedFrames + otherFrames());
    });
  }, [ticker, root, player, otherFrames]);
}
