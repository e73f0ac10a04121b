import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';
import { closeDirect, openDirect } from '../data/direct.ts';
import { DirectLink, type PeerLike } from '../player/direct-link.ts';
import { browserClock } from '../player/player-clock.ts';
import type { TilePlayer } from '../player/tile-player.ts';

/** Where it did not work, it is not tried again for so long. */
const FORGET_AFTER_MS = 300_000;
/** By edge where this screen is in another network, by stream where only this one does not come this way. */
const failedAtMs = new Map<string, number>();

function isLeftAlone(key: string): boolean {
  const atMs = failedAtMs.get(key);
  return atMs !== undefined && browserClock.nowMs() - atMs < FORGET_AFTER_MS;
}

function show(element: HTMLVideoElement, track: unknown): void {
  element.srcObject = track instanceof MediaStreamTrack ? new MediaStream([track]) : null;
  // The next frame tells whether it plays.
  if (element.srcObject !== null) element.play().catch(() => undefined);
}

interface Options {
  /** Null where the edge does not offer it, or nobody looks. */
  edgeId: string | null;
  deviceId: string;
  stream: 'main' | 'sub';
  /** On the page while `edgeId` is not null. */
  video: RefObject<HTMLVideoElement | null>;
  /** Shows what comes through the hub; takes the last picture over. */
  player: TilePlayer | null;
}

/** The way of a tile's picture past the hub. */
export interface DirectPath {
  /** What plays now; null while the tile shows what comes through the hub. */
  link: DirectLink | null;
  /** Frames painted this way since the tile exists. */
  frames(): number;
}

/** Takes a stream straight from the edge where that is possible. */
export function useDirectLink({ edgeId, deviceId, stream, video, player }: Options): DirectPath {
  const [playing, setPlaying] = useState<DirectLink | null>(null);
  const latestPlayer = useRef(player);
  latestPlayer.current = player;
  const counted = useRef<{ before: number; link: DirectLink | null }>({ before: 0, link: null });
  // Before the next paint: the element leaves the page with its picture, and the tile must not show an older one.
  useLayoutEffect(() => {
    const element = video.current;
    const streamKey = `${deviceId}/${stream}`;
    if (element === null || edgeId === null || isLeftAlone(edgeId) || isLeftAlone(streamKey)) return undefined;
    if (typeof RTCPeerConnection === 'undefined') return undefined;
    const link: DirectLink = new DirectLink({
      video: element,
      connect: () => new RTCPeerConnection({ iceServers: [] }) as unknown as PeerLike,
      show: (track) => show(element, track),
      clock: browserClock,
      open: (offer) => openDirect(deviceId, stream, offer),
      close: closeDirect,
      onPlaying: () => setPlaying(link),
      onLeave: () => latestPlayer.current?.keep(element),
      onOver: (isUnreachable) => {
        // A path that worked may work again at the next look.
        if (link.presentedFrames === 0) failedAtMs.set(isUnreachable ? edgeId : streamKey, browserClock.nowMs());
        setPlaying(null);
      },
    });
    counted.current.link = link;
    void link.start();
    return () => {
      link.stop();
      counted.current = { before: counted.current.before + link.presentedFrames, link: null };
      setPlaying(null);
    };
  }, [edgeId, deviceId, stream, video]);
  const frames = useCallback(() => counted.current.before + (counted.current.link?.presentedFrames ?? 0), []);
  return { link: edgeId === null ? null : playing, frames };
}
