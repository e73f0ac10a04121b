const DATE_TIME = /^(-?\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/;

/**
 * Reads an xs:dateTime as milliseconds since 1970. Without a zone it is taken as UTC (ONVIF Core, 5.2: devices report
 * UTC).
 * @returns null for anything else, e.g. the US order (`10-05-2025T…`) some firmware writes: a wrong guess is worse
 */
export function parseDateTime(text: string | null | undefined): number | null {
  const match = DATE_TIME.exec((text ?? '').trim());
  if (match === null) return null;
  const fraction = (match[7] ?? '').slice(0, 4);
  const [, year, month, day, hour, minute, second] = match;
  const atMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${match[8] ?? 'Z'}`);
  return Number.isNaN(atMs) ? null : atMs;
}

/** Writes an xs:dateTime in UTC, with milliseconds only where there are some. */
export function formatDateTime(atMs: number): string {
  return new Date(atMs).toISOString().replace('.000Z', 'Z');
}

const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Reads an xs:duration of days, hours, minutes and seconds as milliseconds; null for anything else. */
export function parseDuration(text: string | null | undefined): number | null {
  const trimmed = (text ?? '').trim();
  const match = DURATION.exec(trimmed);
  if (match === null || trimmed.length < 3) return null;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return ((((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
}

/** Writes an xs:duration in whole seconds: some firmware takes minutes (`PT1M`) for seconds. */
export function formatDuration(durationMs: number): string {
  return `PT${Math.max(1, Math.round(durationMs / 1000))}S`;
}
