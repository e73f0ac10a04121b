import { type RefObject, useEffect, useState } from 'react';
import { closeDirect, openDirect } from '../data/direct.ts';
import { DirectLink } from '../player/direct-link.ts';
import { browserClock } from '../player/player-clock.ts';

/** Where it did not work, it is not tried again for so long: this screen is in another network. */
const FORGET_AFTER_MS = 300_000;
const failedAtMs = new Map<string, number>();

/**
 * Takes a stream straight from the edge where that is possible.
 * @param edgeId null where the edge does not offer it, or nobody looks
 * @returns whether the picture on `video` moves; else the tile shows what comes through the hub
 */
export function useDirectLink(
  edgeId: string | null,
  deviceId: string,
  stream: 'main' | 'sub',
  video: RefObject<HTMLVideoElement | null>,
): boolean {
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    const isLeftAlone = edgeId === null || browserClock.nowMs() - (failedAtMs.get(edgeId) ?? 0) < FORGET_AFTER_MS;
    if (video.current === null || isLeftAlone || typeof RTCPeerConnection === 'undefined') return undefined;
    let played = false;
    const link = new DirectLink({
      video: video.current,
      clock: browserClock,
      open: (offer) => openDirect(deviceId, stream, offer),
      close: closeDirect,
      onPlaying: () => {
        played = true;
        setPlaying(true);
      },
      onOver: () => {
        // A path that worked may work again at the next look; one that never did is in another network.
        if (!played) failedAtMs.set(edgeId, browserClock.nowMs());
        setPlaying(false);
      },
    });
    void link.start();
    return () => {
      link.stop();
      setPlaying(false);
    };
  }, [edgeId, deviceId, stream, video]);
  return playing;
}
