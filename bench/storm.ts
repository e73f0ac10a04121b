import { type Bench, CannotRun, figureOf, type Measuring } from './figure.ts';
import { cameraUrls, Path, type RunningAudience, type RunningSource, startSource } from './support/path.ts';
import { ffmpegVersion, sleep } from './support/processes.ts';
import { withRunning } from './support/running.ts';
import { SUB_FPS, subClip } from './support/sub-clip.ts';

const CAMERAS = 200;
const OFF_MS = 20_000;
const GIVE_UP_MS = 180_000;
const SETTLE_MS = 15_000;
const RUNS = 3;
/** What the edge is told; the same as where the configuration says nothing. */
const DIALS = 32;

/** 200 cameras lose their power together for 20 seconds. */
async function storm({ say, note }: Measuring): Promise<void> {
  await ffmpegVersion();
  const { h264 } = await subClip();
  await withRunning(async (running) => {
    const cameras = running.keep(await startSource(h264, SUB_FPS, ['--cameras', String(CAMERAS)]));
    const path = running.keep(new Path({ limits: { concurrentDials: DIALS } }));
    await path.start();
    await path.addCameras(cameraUrls([cameras], CAMERAS));
    const audience = running.keep(await path.watch());
    const [seconds, dials]: [number[], number[]] = [[], []];
    for (let run = 0; run < RUNS; run++) {
      await sleep(SETTLE_MS);
      const lasted = await powerCycle(cameras, audience);
      const { dialPeak = Number.NaN } = await cameras.counters();
      note(
        `storm: all ${CAMERAS} live again ${lasted.toFixed(1)} s after the power; at most ${dialPeak} dials at once`,
      );
      seconds.push(lasted);
      dials.push(dialPeak);
    }
    const about = { bench: 'storm', better: 'lower', peer: null } as const;
    say(figureOf({ ...about, figure: 'seconds', unit: 's', goal: 60 }, seconds));
    // One run above the limit is too many: the largest counts, not the middle.
    const figure = figureOf({ ...about, figure: 'max_dials', unit: 'dials', goal: DIALS }, dials);
    say({ ...figure, value: Math.max(...dials) });
  });
}

/** Seconds from the moment when the power is back until every viewer's tile has a new fragment. */
async function powerCycle(cameras: RunningSource, audience: RunningAudience): Promise<number> {
  await order(cameras, 'off');
  await sleep(OFF_MS);
  const before = await audience.counts();
  if (before.freshestMs < OFF_MS / 2) throw new CannotRun('pictures came although the cameras had no power');
  const at = performance.now();
  await order(cameras, 'on');
  for (;;) {
    await sleep(200);
    const { oldestMs } = await audience.counts();
    const sinceMs = performance.now() - at;
    if (oldestMs < sinceMs && oldestMs < OFF_MS) return sinceMs / 1000;
    if (sinceMs > GIVE_UP_MS) throw new CannotRun(`not every camera was back after ${GIVE_UP_MS / 1000} s`);
  }
}

async function order(cameras: RunningSource, what: 'on' | 'off'): Promise<void> {
  cameras.process.tell(what);
  await cameras.process.line();
}

/** A power failure; see `docs/reference/benchmarks.md`. */
export const bench: Bench = { seconds: storm, max_dials: storm };
