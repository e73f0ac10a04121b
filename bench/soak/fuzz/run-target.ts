import { hostile } from './mutate.ts';
import { Random, seedOf } from './random.ts';
import type { Target } from './targets.ts';

/** A parser is made anew after so many inputs: long enough for one to spoil those behind it. */
const INPUTS_PER_PARSER = 200;
/** An input that takes longer, twice, is a fault. */
const SLOW_MS = 1000;

/** What was found out about one parser. */
export interface TargetReport {
  name: string;
  inputs: number;
  bytes: number;
  seconds: number;
  /** The slowest input, in milliseconds, and its number. */
  slowestMs: number;
  slowestIndex: number;
}

/** An input that a parser did not survive. */
export interface Failure {
  target: string;
  /** The seed of the run and the input's number give it back. */
  index: number;
  message: string;
  /** The smallest input found that still fails; where only a series fails, the last one of it. */
  hex: string;
  /** Whether a fresh parser fails on it. */
  alone: boolean;
}

/** The input with a number. */
export function inputOf(target: Target, seed: number, index: number, pool: readonly Uint8Array[]): Buffer {
  return hostile(new Random(seedOf(seed, target.name, index)), target.samples, pool);
}

/** Runs inputs through one parser. @param progress is told the number of each input before it runs */
export function runTarget(
  target: Target,
  options: { seed: number; inputs: number; pool: readonly Uint8Array[]; progress(index: number): void },
): TargetReport | Failure {
  const { seed, inputs, pool, progress } = options;
  const report = { name: target.name, inputs, bytes: 0, seconds: 0, slowestMs: 0, slowestIndex: 0 };
  let parser = target.make();
  for (let index = 0; index < inputs; index += 1) {
    if (index % INPUTS_PER_PARSER === 0) parser = target.make();
    const input = inputOf(target, seed, index, pool);
    report.bytes += input.length;
    progress(index);
    const startMs = performance.now();
    try {
      parser(input);
    } catch (error) {
      return failure(target, index, input, String(error));
    }
    const tookMs = performance.now() - startMs;
    report.seconds += tookMs / 1000;
    if (tookMs > report.slowestMs) {
      report.slowestMs = tookMs;
      report.slowestIndex = index;
    }
    if (tookMs > SLOW_MS && isSlow(target, input))
      return failure(target, index, input, `took ${Math.round(tookMs)} ms`);
  }
  return report;
}

/** The machine may have been busy with something else: once more. */
function isSlow(target: Target, input: Buffer): boolean {
  const parser = target.make();
  const startMs = performance.now();
  parser(input);
  return performance.now() - startMs > SLOW_MS;
}

function failure(target: Target, index: number, input: Buffer, message: string): Failure {
  const alone = fails(target, input);
  const smallest = alone ? minimise(input, (candidate) => fails(target, candidate)) : input;
  return { target: target.name, index, message, hex: smallest.toString('hex'), alone };
}

function fails(target: Target, input: Buffer): boolean {
  try {
    target.make()(Buffer.from(input));
    return false;
  } catch {
    return true;
  }
}

/** Takes pieces away, large ones first, as long as the rest still fails. */
export function minimise(input: Buffer, stillFails: (candidate: Buffer) => boolean): Buffer {
  let best = input;
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.length; ) {
      const candidate = Buffer.concat([best.subarray(0, at), best.subarray(at + size)]);
      if (stillFails(candidate)) best = candidate;
      else at += size;
    }
  }
  return best;
}
