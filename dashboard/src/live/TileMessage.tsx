import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { TileReason } from '../../../contract/live.ts';
import { hubClock } from '../data/services.ts';
import { timeOrDate } from '../format/time.ts';
import type { TileSnapshot } from '../player/tile-snapshot.ts';
import { useLive } from './live-context.tsx';

/** Reasons that say that nothing comes; the others are about what this screen or the line can take. */
const NO_SIGNAL: ReadonlySet<TileReason> = new Set([
  'no-signal',
  'device-offline',
  'edge-offline',
  'refused-credentials',
]);

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
      {sinceMs !== null && reason !== 'limit' && (state === 'stalled' || NO_SIGNAL.has(reason)) && (
        <strong>{t('wall.noSignalSince', { time: timeOrDate(sinceMs, hubClock.nowMs()) })}</strong>
      )}
      <span>{sentence}</span>
    </div>
  );
}
