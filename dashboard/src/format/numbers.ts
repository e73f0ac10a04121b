/** `1.4 MB`; decimal units, as disks and networks are sold. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let at = 0;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at += 1;
  }
  return `${at === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[at] ?? ''}`;
}

/** `2.1 Mbit/s` */
export function bitrateText(bitsPerSecond: number): string {
  if (bitsPerSecond >= 1_000_000) return `${(bitsPerSecond / 1_000_000).toFixed(1)} Mbit/s`;
  return `${Math.round(bitsPerSecond / 1000)} kbit/s`;
}

/** `avc1.64001f` becomes `H.264`. */
export function codecText(codec: string): string {
  const lower = codec.toLowerCase();
  if (lower.startsWith('avc') || lower === 'h264') return 'H.264';
  if (lower.startsWith('hvc') || lower.startsWith('hev') || lower === 'h265') return 'H.265';
  return codec;
}
