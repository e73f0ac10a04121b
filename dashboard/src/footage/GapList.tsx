import { useQueries } from '@tanstack/react-query';
import { useDeferredValue } from 'react';
import { useTranslation } from 'react-i18next';
import { keys } from '../data/keys.ts';
import { api, hubClock } from '../data/services.ts';
import { clockTime } from '../format/time.ts';
import { Note } from '../ui/Note.tsx';
import { missingIn, type Span } from './range.ts';
import type { Lane } from './Timeline.tsx';

const WRITING_MS = 15_000;

/** What will be missing from the package, before it is ordered. */
export function GapList({ lanes, range }: { lanes: readonly Lane[]; range: Span }) {
  const { t } = useTranslation();
  // While a handle is dragged, the list follows when there is time for it.
  const { fromMs, toMs } = useDeferredValue(range);
  const queries = useQueries({
    queries: lanes.map((lane) => ({
      queryKey: keys.timeline(lane.deviceId, Math.floor(fromMs / 60_000), Math.ceil(toMs / 60_000)),
      queryFn: () =>
        api.call('timeline', {
          query: {
            deviceId: lane.deviceId,
            stream: 'main',
            fromMs: Math.floor(fromMs / 60_000) * 60_000,
            toMs: Math.ceil(toMs / 60_000) * 60_000,
          },
        }),
      enabled: toMs > fromMs,
      staleTime: 10_000,
    })),
  });
  if (lanes.length === 0 || queries.some((query) => query.data === undefined)) return null;
  // The newest seconds are still being written; that is no gap.
  const newestMs = hubClock.nowMs() - WRITING_MS;
  const gaps = queries.flatMap((query, at) =>
    missingIn({ fromMs, toMs: Math.min(toMs, newestMs) }, query.data?.ranges ?? [], query.data?.gaps ?? []).map(
      (gap) => ({ ...gap, name: lanes[at]?.name ?? '' }),
    ),
  );
  if (gaps.length === 0) return <span className="small faint">{t('footage.wholeRange')}</span>;
  return (
    <Note tone="warn">
      <strong>{t('footage.gapsInRange')}</strong>
      <ul className="num">
        {gaps.slice(0, 12).map((gap) => (
          <li key={`${gap.name}-${gap.fromMs}`}>
            {gap.name}:{' '}
            {t('footage.gapTip', {
              from: clockTime(gap.fromMs),
              to: clockTime(gap.toMs),
              cause: gap.cause === null ? t('footage.nothingRecorded') : t(`words.gap.${gap.cause}`),
            })}
          </li>
        ))}
      </ul>
    </Note>
  );
}
