/** Times for people, by the browser's time zone; the language only changes words, never the order of digits. */

function pad(value: number, digits = 2): string {
  return String(value).padStart(digits, '0');
}

/** `14:03:27` */
export function clockTime(atMs: number): string {
  const at = new Date(atMs);
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
}

/** `2026-11-22` */
export function calendarDate(atMs: number): string {
  const at = new Date(atMs);
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
}

/** `2026-11-22 14:03:27` */
export function dateAndTime(atMs: number): string {
  return `${calendarDate(atMs)} ${clockTime(atMs)}`;
}

/** The time alone when it lies on the same day as `nowMs`, else date and time. */
export function timeOrDate(atMs: number, nowMs: number): string {
  return calendarDate(atMs) === calendarDate(nowMs) ? clockTime(atMs) : dateAndTime(atMs);
}

/**
 * Reads a typed or pasted time: `2026-11-22 14:03:27`, with `T`, `/` or `.` between the parts of the date, the seconds
 * optional; or a time alone, which then means the day of `dayOfMs`. Null when it is none.
 */
export function parseTime(text: string, dayOfMs: number): number | null {
  const match =
    /^\s*(?:(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[\sT]+)?(\d{1,2}):(\d{2})(?::(\d{2}))?\s*$/.exec(
      text.replace(/:/g, ':'),
    ) ?? null;
  if (match === null) return null;
  const day = new Date(dayOfMs);
  const [, year, month, date, hour, minute, second] = match;
  const parts = [Number(hour), Number(minute), Number(second ?? 0)] as const;
  if (parts[0] > 23 || parts[1] > 59 || parts[2] > 59) return null;
  const at =
    year === undefined
      ? new Date(day.getFullYear(), day.getMonth(), day.getDate(), ...parts)
      : new Date(Number(year), Number(month) - 1, Number(date), ...parts);
  // `2026-02-31` would silently become a day in March.
  if (year !== undefined && (at.getMonth() !== Number(month) - 1 || at.getDate() !== Number(date))) return null;
  return at.getTime();
}

/** A length of time in its two largest units; the words come from the catalogue. */
export type DurationPart = { unit: 'days' | 'hours' | 'minutes' | 'seconds'; n: number };

/** Splits a duration into at most two units, largest first: 3 min 12 s, 2 h 5 min, 4 d. */
export function durationParts(ms: number): DurationPart[] {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const all: DurationPart[] = [
    { unit: 'days', n: Math.floor(seconds / 86_400) },
    { unit: 'hours', n: Math.floor(seconds / 3600) % 24 },
    { unit: 'minutes', n: Math.floor(seconds / 60) % 60 },
    { unit: 'seconds', n: seconds % 60 },
  ];
  const first = all.findIndex((part) => part.n > 0);
  if (first < 0) return [{ unit: 'seconds', n: 0 }];
  return all.slice(first, first + 2).filter((part) => part.n > 0);
}
