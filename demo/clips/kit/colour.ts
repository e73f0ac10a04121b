type Rgb = readonly [number, number, number];

function parse(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1, 7), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function hexOf(rgb: Rgb): string {
  return `#${rgb
    .map((part) =>
      Math.round(Math.min(255, Math.max(0, part)))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

/** The colour `share` of the way from `from` to `to`, both `#rrggbb`. */
export function mix(from: string, to: string, share: number): string {
  const a = parse(from);
  const b = parse(to);
  return hexOf([a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share]);
}

/** Below 1 into a bluish shade, above 1 towards white. */
export function shade(colour: string, light: number): string {
  return light <= 1 ? mix('#141c33', colour, light) : mix(colour, '#fffaf0', Math.min(1, light - 1));
}

/** The colour with an opacity between 0 and 1. */
export function alpha(colour: string, opacity: number): string {
  const [r, g, b] = parse(colour);
  return `rgba(${r},${g},${b},${opacity})`;
}
