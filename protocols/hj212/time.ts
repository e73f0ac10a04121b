const TIME = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{3})?$/;
const MINUTE_MS = 60_000;

/**
 * Milliseconds since 1970 of `YYYYMMDDhhmmss[zzz]`; null when that is no time since 2000.
 * @param offsetMinutes how far the station's clock is ahead of UTC: it says no zone, and everywhere in the field means
 * China's, 480
 */
export function parseTime(text: string, offsetMinutes: number): number | null {
  const match = TIME.exec(text);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0] = match.slice(1).map(Number);
  const at = Date.UTC(year, month - 1, day, hour, minute, second, Number.isNaN(ms) ? 0 : ms);
  const read = new Date(at);
  const isReal =
    year >= 2000 &&
    read.getUTCMonth() === month - 1 &&
    read.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  return isReal ? at - offsetMinutes * MINUTE_MS : null;
}

/** `YYYYMMDDhhmmsszzz`, as QN has it. See {@link parseTime} for the offset. */
export function formatTime(atMs: number, offsetMinutes: number): string {
  return new Date(atMs + offsetMinutes * MINUTE_MS).toISOString().replace(/\D/g, '').slice(0, 17);
}
