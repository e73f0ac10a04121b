import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { durationParts } from './time.ts';

/** Formats that need words of the language. */
export function useFormat(): { duration: (ms: number) => string; regionPath: (path: readonly string[]) => string } {
  const { t } = useTranslation();
  return useMemo(
    () => ({
      duration: (ms) =>
        durationParts(ms)
          .map(({ unit, n }) => t(`common.duration.${unit}`, { n }))
          .join(' '),
      regionPath: (path) => (path.length === 0 ? t('common.noRegion') : path.join(' › ')),
    }),
    [t],
  );
}
