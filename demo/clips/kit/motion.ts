/** 0 before `from`, 1 after `to`, straight between. */
export function ramp(t: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, (t - from) / (to - from)));
}

/** As {@link ramp}, but starting and stopping softly. */
export function ease(t: number, from: number, to: number): number {
  const x = ramp(t, from, to);
  return x * x * (3 - 2 * x);
}

/** The value `share` of the way from `from` to `to`. */
export function lerp(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

/** Rises softly between the first two times and falls softly between the last two. */
export function hold(t: number, up: number, upEnd: number, down: number, downEnd: number): number {
  return ease(t, up, upEnd) - ease(t, down, downEnd);
}

/** A repeatable stream of numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
