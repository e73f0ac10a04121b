import { Worker } from 'node:worker_threads';
import { CannotRun } from '../figure.ts';
import { type Failure, inputOf, type TargetReport } from './fuzz/run-target.ts';
import { loadSamples } from './fuzz/samples.ts';
import { targets } from './fuzz/targets.ts';
import type { FuzzOrder } from './fuzz/worker.ts';

/** Heap and buffers may be so much larger after a parser's inputs than before them. */
const GROWTH_BYTES = 8 * 1024 ** 2;
/** One input may keep the thread busy for so long; generous, because other programs run on the machine too. */
const HANG_MS = 20_000;
const LOOK_EVERY_MS = 500;
/** Beyond it the run ends with an error: some parser collects without bound. */
const MOST_HEAP_MB = 512;

type Note =
  | { type: 'begin'; recorded: number; names: string[] }
  | { type: 'result'; result: TargetReport | Failure; grewBytes: number };

/**
 * Hostile inputs for every parser of live video: `--inputs` of them in all (1,000,000), made from recordings and own
 * samples by truncation, flipped bits, false lengths and splices. `--seed` gives the same ones again, `--only` limits the
 * run to parsers whose name contains it. Nothing but named errors may be thrown, no input may take longer than a
 * second, and memory may not grow.
 */
export async function run(options: ReadonlyMap<string, string>, say: (line: string) => void): Promise<void> {
  const total = Number(options.get('inputs') ?? 1_000_000);
  const seed = Number(options.get('seed') ?? Date.now() % 1_000_000);
  const only = options.get('only') ?? '';
  if (!(total >= 1 && total <= 1e9)) throw new CannotRun('--inputs is a number from 1 to 1,000,000,000');
  if (!Number.isInteger(seed)) throw new CannotRun('--seed is a whole number');
  const names = targets(loadSamples()).map(({ name }) => name);
  const count = names.filter((name) => name.includes(only)).length;
  if (count === 0) throw new CannotRun(`--only names none of: ${names.join(', ')}`);
  const inputs = Math.ceil(total / count);
  say(`seed ${seed}: ${count} parsers, ${inputs} inputs each`);
  const { reports, failures } = await watch({ seed, inputs, only }, say);
  const done = reports.reduce((sum, report) => sum + report.inputs, 0);
  say(`${done} inputs, ${failures.length} failures`);
  if (failures.length > 0) throw new Error(`${failures.length} parsers did not survive; see above (seed ${seed})`);
  if (reports.length !== count) throw new Error(`only ${reports.length} of ${count} parsers were run`);
}

async function watch(
  order: Omit<FuzzOrder, 'progress'>,
  say: (line: string) => void,
): Promise<{ reports: TargetReport[]; failures: string[] }> {
  const progress = new SharedArrayBuffer(8);
  const worker = new Worker(new URL('./fuzz/worker.ts', import.meta.url), {
    workerData: { ...order, progress },
    resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB },
  });
  const reports: TargetReport[] = [];
  const failures: string[] = [];
  const fail = (line: string): void => {
    failures.push(line);
    say(line);
  };
  worker.on('message', (note: Note) => {
    if (note.type === 'begin') {
      say(note.recorded > 0 ? `${note.recorded} recordings` : 'the recordings are absent: own samples only');
      return;
    }
    const { result, grewBytes } = note;
    if ('hex' in result) return fail(describe(result));
    reports.push(result);
    say(lineOf(result, grewBytes));
    if (grewBytes > GROWTH_BYTES) fail(`${result.name}: memory grew by ${Math.round(grewBytes / 1024)} KiB`);
  });
  const hang = watchdog(new Int32Array(progress), (at, index) => {
    fail(describeHang(order.seed, at, index));
    void worker.terminate();
  });
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on('error', reject);
      worker.on('exit', () => resolve());
    });
  } finally {
    clearInterval(hang);
  }
  return { reports, failures };
}

/** Says so when the worker stays with one input. */
function watchdog(progress: Int32Array, onHang: (at: number, index: number) => void): NodeJS.Timeout {
  let last = '';
  let sinceMs = performance.now();
  return setInterval(() => {
    const [at = 0, index = 0] = progress;
    if (`${at} ${index}` !== last) {
      last = `${at} ${index}`;
      sinceMs = performance.now();
    } else if (performance.now() - sinceMs > HANG_MS) {
      sinceMs = Number.POSITIVE_INFINITY;
      onHang(at, index);
    }
  }, LOOK_EVERY_MS);
}

function lineOf({ name, inputs, bytes, seconds, slowestMs, slowestIndex }: TargetReport, grewBytes: number): string {
  const rate = Math.round(inputs / Math.max(seconds, 1e-6));
  const slowest = `slowest ${slowestMs.toFixed(1)} ms (input ${slowestIndex})`;
  const mean = Math.round(bytes / inputs);
  return `${name.padEnd(34)} ${inputs} inputs of ${mean} bytes, ${rate}/s, ${slowest}, memory ${Math.round(grewBytes / 1024)} KiB`;
}

function describe({ target, index, message, hex, alone }: Failure): string {
  const how = alone ? 'alone' : 'only after the inputs before it';
  return `${target}: FAILED at input ${index} (${how}): ${message}\n  ${hex}`;
}

function describeHang(seed: number, at: number, index: number): string {
  const list = targets(loadSamples());
  const target = list[at];
  if (target === undefined) return `the parser number ${at} did not begin`;
  const pool = list.flatMap(({ samples }) => samples);
  return `${target.name}: HANGS at input ${index}\n  ${inputOf(target, seed, index, pool).toString('hex')}`;
}
