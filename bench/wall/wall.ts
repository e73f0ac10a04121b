import type { Bench } from '../figure.ts';
import { memoryGrowth } from './memory.ts';
import { presentedRatio } from './presented.ts';

/** What the wall in the browser costs; see `docs/reference/benchmarks.md`. */
export const bench: Bench = { presented_ratio: presentedRatio, memory_growth_pct: memoryGrowth };
