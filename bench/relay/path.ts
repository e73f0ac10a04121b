import { CannotRun, figureOf, type Measuring } from '../figure.ts';
import { benchClip, CLIP_FPS } from '../support/clip.ts';
import { meanCpuMs, startFfmpegCopy } from '../support/ffmpeg-copy.ts';
import { startNodeRtspStream } from '../support/node-rtsp-stream.ts';
import { cameraUrls, Path, type RunningAudience, type RunningSource, startSource } from '../support/path.ts';
import { type BenchProcess, cpuMs, ffmpegVersion, sleep } from '../support/processes.ts';
import { type Running, withRunning } from '../support/running.ts';
import { expectWhole, pathWindow } from '../support/window.ts';

/** As many as in `latency`. */
const STREAMS = 64;
const PEERS = 4;
const WARM_UP_MS = 8_000;
const WINDOW_MS = 8_000;
const RUNS = 5;
const ABOUT = { bench: 'relay', unit: 'ratio', better: 'lower' } as const;

/** All our processes from camera to viewer, per stream, over one `ffmpeg -c copy` in the same seconds. */
export async function cpuRatioPath({ say }: Measuring): Promise<void> {
  const peer = `${await ffmpegVersion()} -c copy`;
  await withRunning(async (running) => {
    const whole = await startPath(running, STREAMS);
    const urls = cameraUrls(whole.sources, PEERS);
    const peers = urls.map((url) => running.keep(startFfmpegCopy(url)));
    await sleep(WARM_UP_MS);
    const ratios = await ratiosTo(whole, STREAMS, peers, () => meanCpuMs(peers));
    say(figureOf({ ...ABOUT, figure: 'cpu_ratio_path', goal: 0.8, peer }, ratios));
  });
}

/** The same over one `node-rtsp-stream` and its ffmpeg. */
export async function cpuRatioNodeRtspStream({ say }: Measuring): Promise<void> {
  await ffmpegVersion();
  await withRunning(async (running) => {
    const whole = await startPath(running, STREAMS);
    const [url = ''] = cameraUrls(whole.sources, 1);
    const { peer, process, ffmpegPid } = await startNodeRtspStream(url);
    running.keep(process);
    await sleep(WARM_UP_MS);
    const ratios = await ratiosTo(whole, STREAMS, [process], () => cpuMs(process.pid) + cpuMs(ffmpegPid));
    say(figureOf({ ...ABOUT, figure: 'cpu_ratio_node_rtsp_stream', goal: 0.03, peer }, ratios));
  });
}

interface Whole {
  path: Path;
  sources: readonly RunningSource[];
  audience: RunningAudience;
}

/** The whole path with so many streams that play. */
export async function startPath(running: Running, streams: number): Promise<Whole> {
  const clip = await benchClip();
  const sources: RunningSource[] = [];
  // One process for each hundred cameras.
  for (let n = 0; n < streams; n += 100) sources.push(running.keep(await startSource(clip, CLIP_FPS)));
  const path = running.keep(new Path());
  await path.start();
  await path.addCameras(cameraUrls(sources, streams));
  const audience = running.keep(await path.watch());
  return { path, sources, audience };
}

async function ratiosTo(
  whole: Whole,
  streams: number,
  peers: readonly BenchProcess[],
  peerMs: () => number,
): Promise<number[]> {
  const { path, sources, audience } = whole;
  const ratios: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const before = peerMs();
    const window = await pathWindow(path, sources, audience, WINDOW_MS);
    const perPeer = peerMs() - before;
    expectWhole({ ...window, sent: withoutPeers(window.sent, streams, peers.length) }, streams);
    if (perPeer < 1) throw new CannotRun('the peer does not play');
    ratios.push((window.edgeMs + window.hubMs) / streams / perPeer);
  }
  return ratios;
}

/** The sources count what they send to peers as well. */
function withoutPeers(sent: number, streams: number, peers: number): number {
  return (sent * streams) / (streams + peers);
}
