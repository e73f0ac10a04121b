import type { Bench } from '../figure.ts';
import { alarmIdle, alarmLoaded } from './alarm.ts';
import { fragmentDelay } from './fragment.ts';
import { pictures } from './picture.ts';

/** How long people wait; see `docs/reference/benchmarks.md`. */
export const bench: Bench = {
  fragment_p50_ms: fragmentDelay,
  fragment_p99_ms: fragmentDelay,
  first_picture_p95_ms: pictures,
  glass_p95_ms: pictures,
  alarm_idle_p99_ms: alarmIdle,
  alarm_loaded_p99_ms: alarmLoaded,
};
