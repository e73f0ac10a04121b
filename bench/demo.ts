import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../platform/version.ts';
import { type Bench, figureOf, type Measuring } from './figure.ts';
import { type BenchProcess, cpuMs, rssMb, sleep, start } from './support/processes.ts';

const BENCH = 'demo';
const PORT = 18_990;
const SETTLE_MS = 20_000;
const WINDOW_MS = 10_000;
const RUNS = 5;

/** What the whole demo costs: hub, edge and township with nine cameras, each pulled and recorded, and no viewer. */
async function wholeDemo({ say }: Measuring): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sharp-eyes-bench-'));
  const demo = start(process.execPath, [
    join(PACKAGE_ROOT, 'cli', 'main.ts'),
    'demo',
    '--port',
    String(PORT),
    '--data',
    folder,
  ]);
  try {
    await complete(demo);
    await sleep(SETTLE_MS);
    const cores: number[] = [];
    const megabytes: number[] = [];
    for (let window = 0; window < RUNS; window++) {
      const pids = [demo.pid, ...descendants(demo.pid)];
      const before = pids.reduce((sum, pid) => sum + cpuMs(pid), 0);
      const startedAt = performance.now();
      await sleep(WINDOW_MS);
      cores.push((pids.reduce((sum, pid) => sum + cpuMs(pid), 0) - before) / (performance.now() - startedAt));
      megabytes.push(pids.reduce((sum, pid) => sum + rssMb(pid), 0));
    }
    const about = { bench: BENCH, better: 'lower', peer: null } as const;
    say(figureOf({ ...about, figure: 'cpu_cores', unit: 'cores', goal: 1 }, cores));
    say(figureOf({ ...about, figure: 'rss_mb', unit: 'MB', goal: 700 }, megabytes));
  } finally {
    const children = descendants(demo.pid);
    await demo.stop();
    while (children.some((pid) => isRunning(pid))) await sleep(100);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** See `docs/reference/benchmarks.md`. */
export const bench: Bench = { cpu_cores: wholeDemo, rss_mb: wholeDemo };

async function complete(demo: BenchProcess): Promise<void> {
  while (!(await demo.line()).includes('township is complete'));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function descendants(parent: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent);
  return children.flatMap((pid) => [pid, ...descendants(pid)]);
}

function parentOf(pid: number): number | null {
  try {
    // The name in brackets may hold spaces; what follows it does not.
    const [, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return Number(parent);
  } catch {
    return null;
  }
}
