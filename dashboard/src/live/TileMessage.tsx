import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { hubClock } from '../data/services.ts';
import { timeOrDate } from '../format/time.ts';
import type { TileSnapshot } from '../player/tile-snapshot.ts';
import { useLive } from './live-context.tsx';

/** Why the picture does not move, and since when. */
export function TileMessage({ snapshot: { state, reason, sinceMs } }: { snapshot: TileSnapshot }) {
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
