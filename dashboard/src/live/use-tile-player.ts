import { type RefObject, useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { hubClock } from '../data/services.ts';
import { browserClock } from '../player/player-clock.ts';
import { TilePlayer, type TileSnapshot } from '../player/tile-player.ts';
import { useLive } from './live-context.tsx';

const BEFORE: TileSnapshot = { state: 'starting', reason: 'starting', sinceMs: null };
const nothing = (): (() => void) => () => undefined;

interface Options {
  /** Unique on the page. */
  tile: string;
  deviceId: string;
  stream: 'main' | 'sub';
  priority: number;
  /** Off the screen: costs nothing while true. */
  paused: boolean;
  root: RefObject<HTMLElement | null>;
  video: RefObject<HTMLVideoElement | null>;
  still: RefObject<HTMLCanvasElement | null>;
}

/** Binds a player to the elements of a tile and to the live socket. */
export function useTilePlayer(options: Options): { player: TilePlayer | null; snapshot: TileSnapshot } {
  const { tile, deviceId, stream, priority, paused, root, video, still } = options;
  const { socket, ticker } = useLive();
  const [player, setPlayer] = useState<TilePlayer | null>(null);
  const tileRef = useRef(tile);
  tileRef.current = tile;

  useEffect(() => {
    if (video.current === null || still.current === null) return undefined;
    const made = new TilePlayer({
      video: video.current,
      still: still.current,
      ticker,
      clock: browserClock,
      hubNow: () => hubClock.nowMs(),
      askAgain: () => socket.restart(tileRef.current),
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
  }, [socket, ticker, root, video, still]);

  useEffect(() => {
    if (player === null || paused) return undefined;
    socket.watch(tile, { deviceId, stream }, player, priority);
    return undefined;
  }, [player, paused, socket, tile, deviceId, stream, priority]);

  // Only leaving (or pausing) ends the watching; changing the stream changes the order in place.
  useEffect(() => {
    if (player === null || paused) return undefined;
    return () => socket.unwatch(tile);
  }, [player, paused, socket, tile]);

  const snapshot = useSyncExternalStore(
    player?.subscribe ?? nothing,
    useCallback(() => player?.snapshot() ?? BEFORE, [player]),
  );
  return { player, snapshot };
}
