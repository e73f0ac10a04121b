import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import { hubClock, hubSocket } from '../data/services.ts';
import { browserMedia } from '../player/browser-media.ts';
import { viewerCodecs } from '../player/capabilities.ts';
import { LiveSocket, type SocketLike } from '../player/live-socket.ts';
import { browserClock } from '../player/player-clock.ts';
import { PlayerTicker } from '../player/player-ticker.ts';

interface Live {
  socket: LiveSocket;
  ticker: PlayerTicker;
}

const LiveContext = createContext<Live | null>(null);

function dial(port: number): SocketLike {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  // A browser's WebSocket has more specific event types than the player needs.
  return new WebSocket(`${scheme}://${location.hostname}:${port}/live`) as unknown as SocketLike;
}

/** One live socket for the whole page, opened while somebody is signed in. */
export function LiveProvider({ port, children }: { port: number; children: ReactNode }) {
  const live = useMemo<Live>(
    () => ({
      ticker: new PlayerTicker(),
      socket: new LiveSocket({
        connect: () => dial(port),
        codecs: () => viewerCodecs(browserMedia()),
        clock: browserClock,
        random: Math.random,
        onPong: (sentAtMs, receivedAtMs, hubAtMs) => hubClock.observe(sentAtMs, receivedAtMs, hubAtMs),
      }),
    }),
    [port],
  );
  useEffect(() => {
    const { socket } = live;
    const retry = (): void => socket.retryNow();
    socket.start();
    // The hub is there again for everything else: so it is for pictures.
    const unsubscribe = hubSocket.subscribe(() => {
      if (hubSocket.link().connected) retry();
    });
    window.addEventListener('online', retry);
    document.addEventListener('visibilitychange', retry);
    return () => {
      unsubscribe();
      window.removeEventListener('online', retry);
      document.removeEventListener('visibilitychange', retry);
      socket.stop();
    };
  }, [live]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === null) throw new Error('useLive outside LiveProvider');
  return live;
}
