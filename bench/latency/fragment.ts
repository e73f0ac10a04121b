import { CannotRun, figureOf, type Measuring } from '../figure.ts';
import type { AudienceCounts } from '../support/audience.ts';
import { benchClip, CLIP_FPS } from '../support/clip.ts';
import { Path } from '../support/path.ts';
import { type BenchProcess, ffmpegVersion, sleep, startScript } from '../support/processes.ts';
import { withRunning } from '../support/running.ts';

const STREAMS = 64;
const WARM_UP_MS = 8_000;
const WINDOW_MS = 8_000;
const RUNS = 5;
const LIVE_WITHIN_MS = 60_000;
const ABOUT = { bench: 'latency', unit: 'ms', better: 'lower', peer: null } as const;

interface Taken extends AudienceCounts {
  count: number;
  p50: number;
  p99: number;
  sourceLateMs: number;
}

/** How long a frame takes from the edge's socket to the viewer's. */
export async function fragmentDelay({ say, note }: Measuring): Promise<void> {
  await ffmpegVersion();
  await withRunning(async (running) => {
    const loop = running.keep(startScript('loop.ts', [await benchClip(), String(CLIP_FPS)]));
    const port = (await loop.line()).split(' ')[1] ?? '';
    const path = running.keep(new Path());
    await path.start();
    await path.addCameras(Array.from({ length: STREAMS }, (_, n) => `rtsp://127.0.0.1:${port}/${n}`));
    loop.tell(JSON.stringify(path.order()));
    await allLive(loop);
    await sleep(WARM_UP_MS);
    const [p50, p99]: [number[], number[]] = [[], []];
    let before = await take(loop);
    for (let run = 0; run < RUNS; run++) {
      await sleep(WINDOW_MS);
      const taken = await take(loop);
      const expected = (STREAMS * CLIP_FPS * WINDOW_MS) / 1000;
      if (taken.holes > before.holes || taken.count < expected * 0.95) {
        throw new CannotRun(`${taken.count} of ${expected} frames came: the machine is too busy for this figure`);
      }
      note(
        `latency fragment: p50 ${taken.p50.toFixed(1)} ms, p99 ${taken.p99.toFixed(1)} ms; source late at most ${Math.round(taken.sourceLateMs)} ms`,
      );
      p50.push(taken.p50);
      p99.push(taken.p99);
      before = taken;
    }
    say(figureOf({ ...ABOUT, figure: 'fragment_p50_ms', goal: 5 }, p50));
    say(figureOf({ ...ABOUT, figure: 'fragment_p99_ms', goal: 30 }, p99));
  });
}

async function take(loop: BenchProcess): Promise<Taken> {
  loop.tell('take');
  return JSON.parse(await loop.line()) as Taken;
}

async function allLive(loop: BenchProcess): Promise<void> {
  const end = performance.now() + LIVE_WITHIN_MS;
  for (;;) {
    const { live, reasons } = await take(loop);
    if (live >= STREAMS) return;
    if (performance.now() > end) throw new CannotRun(`only ${live} of ${STREAMS} are live: ${JSON.stringify(reasons)}`);
    await sleep(500);
  }
}
