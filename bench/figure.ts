import { loadavg } from 'node:os';

/** One measured number beside its goal; see `docs/reference/benchmarks.md`. */
export interface Figure {
  bench: string;
  figure: string;
  value: number;
  unit: string;
  goal: number;
  better: 'lower' | 'higher';
  /** What it was compared with, and its version. */
  peer: string | null;
  runs: number;
  /** Every run's value, so that a reader sees how much they differ. */
  spread: readonly [least: number, most: number];
  /** Load average of the machine over the last minute. */
  load: number;
}

/** What a measurement gets. */
export interface Measuring {
  /** Hands a figure out. */
  say(figure: Figure): void;
  /** Says something beside the figures, on standard error. */
  note(line: string): void;
  /** For figures of long runs; what is measured by default takes as long as its goal says. */
  minutes: number;
}

/** A benchmark: how each of its figures is measured. Figures that come from one measurement share their function. */
export type Bench = Readonly<Record<string, (measuring: Measuring) => Promise<void>>>;

/** Thrown by a benchmark that cannot run here; the program says why and exits with 3. */
export class CannotRun extends Error {}

/** A figure from the values of its runs: the median. */
export function figureOf(
  about: Pick<Figure, 'bench' | 'figure' | 'unit' | 'goal' | 'better' | 'peer'>,
  values: readonly number[],
): Figure {
  const sorted = [...values].sort((a, b) => a - b);
  const [least, most] = [sorted[0] ?? Number.NaN, sorted.at(-1) ?? Number.NaN];
  const load = round(loadavg()[0] ?? 0);
  return { ...about, value: round(median(sorted)), runs: values.length, spread: [round(least), round(most)], load };
}

/** The middle value of a rising list, or the mean of the middle two. */
export function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Whether a figure reaches its goal. */
export function reached({ value, goal, better }: Figure): boolean {
  return better === 'lower' ? value <= goal : value >= goal;
}

/** One line of the table for people. */
export function tableRow(figure: Figure): string {
  const goal = `${figure.better === 'lower' ? '≤' : '≥'} ${figure.goal}`;
  const spread = `${figure.spread[0]} … ${figure.spread[1]}`;
  return [
    `${figure.bench} ${figure.figure}`.padEnd(34),
    `${figure.value} ${figure.unit}`.padStart(16),
    goal.padStart(10),
    (reached(figure) ? 'reached' : 'missed').padStart(9),
    `  ${figure.runs} runs, ${spread}; load ${figure.load}; ${figure.peer ?? ''}`,
  ].join('');
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
