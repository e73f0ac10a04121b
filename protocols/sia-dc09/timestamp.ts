const TIMESTAMP = /^(\d{2}):(\d{2}):(\d{2}),(\d{2})-(\d{2})-(\d{4})$/;

/** Reads `HH:MM:SS,MM-DD-YYYY` (UTC) as milliseconds since 1970; null for anything else. */
export function parseTimestamp(text: string | null): number | null {
  const match = TIMESTAMP.exec(text ?? '');
  if (match === null) return null;
  const [hour, minute, second, month, day, year] = match.slice(1).map(Number);
  const iso = `${pad(year, 4)}-${pad(month)}-${pad(day)}T${pad(hour)}:${pad(minute)}:${pad(second)}Z`;
  const atMs = Date.parse(iso);
  return Number.isNaN(atMs) ? null : atMs;
}

/** Writes milliseconds since 1970 as `HH:MM:SS,MM-DD-YYYY` (UTC). */
export function formatTimestamp(atMs: number): string {
  const at = new Date(atMs);
  const time = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map((part) => pad(part)).join(':');
  return `${time},${pad(at.getUTCMonth() + 1)}-${pad(at.getUTCDate())}-${pad(at.getUTCFullYear(), 4)}`;
}

function pad(value: number | undefined, digits = 2): string {
  return String(value ?? 0).padStart(digits, '0');
}
