import { cpus } from 'node:os';
import { CannotRun, figureOf, type Measuring } from '../figure.ts';
import { cpuMs, sleep } from '../support/processes.ts';
import { withRunning } from '../support/running.ts';
import { expectWhole, lossIn, type PathWindow, pathWindow } from '../support/window.ts';
import { startPath } from './path.ts';

const STEPS = [64, 128, 200, 240, 280, 320];
const WINDOW_MS = 20_000;
const SETTLE_MS = 5_000;
const CORES = 2;
const GROWTH = { few: 16, many: 200, windowMs: 10_000, runs: 3 };
/** A step that lost something is tried again before it counts: the machine may have had other things to do. */
const ATTEMPTS = 2;

/** The most streams that go through edge, broker and hub for twenty seconds without a loss, helpers included. */
export async function streamsLossless({ say, note }: Measuring): Promise<void> {
  if (cpus().length !== CORES)
    note(`relay streams_lossless: the goal is for ${CORES} cores, here are ${cpus().length}`);
  let most = 0;
  for (const streams of STEPS) {
    const loss = await tryStreams(streams, note);
    if (loss !== null) break;
    most = streams;
  }
  if (most === 0) throw new CannotRun(`not even ${STEPS[0]} streams go through without a loss`);
  const about = { bench: 'relay', figure: 'streams_lossless', unit: 'streams', goal: 200, better: 'higher' } as const;
  say(figureOf({ ...about, peer: null }, [most]));
}

async function tryStreams(streams: number, note: (line: string) => void): Promise<string | null> {
  let loss: string | null = null;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    loss = await withRunning(async (running) => {
      const { path, sources, audience } = await startPath(running, streams);
      await sleep(SETTLE_MS);
      const helpers = [...sources, audience].map(({ process }) => process.pid);
      const before = helpers.reduce((sum, pid) => sum + cpuMs(pid), 0);
      const window = await pathWindow(path, sources, audience, WINDOW_MS);
      const helpersMs = helpers.reduce((sum, pid) => sum + cpuMs(pid), 0) - before;
      note(
        `relay streams_lossless: ${streams} streams: ${lossIn(window, streams) ?? 'no loss'}; ${coresOf(window, helpersMs)}`,
      );
      return lossIn(window, streams);
    });
    if (loss === null) return null;
  }
  return loss;
}

function coresOf({ edgeMs, hubMs, lastedMs, sourceLateMs }: PathWindow, helpersMs: number): string {
  const cores = (spentMs: number): string => (spentMs / lastedMs).toFixed(2);
  return `cores: edge ${cores(edgeMs)}, hub ${cores(hubMs)}, sources and viewers ${cores(helpersMs)}; source late ${Math.round(sourceLateMs)} ms`;
}

/** CPU per stream of edge and hub with many streams over that with few. */
export async function costGrowth({ say }: Measuring): Promise<void> {
  const few = await costs(GROWTH.few);
  const many = await costs(GROWTH.many);
  const ratios = many.map((cost, run) => cost / (few[run] ?? Number.NaN));
  const about = { bench: 'relay', figure: 'cost_growth', unit: 'ratio', goal: 1.1, better: 'lower' } as const;
  say(figureOf({ ...about, peer: null }, ratios));
}

async function costs(streams: number): Promise<number[]> {
  return withRunning(async (running) => {
    const { path, sources, audience } = await startPath(running, streams);
    await sleep(SETTLE_MS);
    const all: number[] = [];
    for (let run = 0; run < GROWTH.runs; run++) {
      const window = await pathWindow(path, sources, audience, GROWTH.windowMs);
      expectWhole(window, streams);
      all.push((window.edgeMs + window.hubMs) / streams / window.lastedMs);
    }
    return all;
  });
}
