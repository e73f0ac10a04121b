import { CannotRun, figureOf, type Measuring } from '../figure.ts';
import { benchClip, CLIP_FPS } from '../support/clip.ts';
import { meanCpuMs, startFfmpegCopy } from '../support/ffmpeg-copy.ts';
import { cameraUrls, startSource } from '../support/path.ts';
import { type BenchProcess, cpuMs, ffmpegVersion, rssMb, sleep, startScript } from '../support/processes.ts';
import { type Running, withRunning } from '../support/running.ts';

const STREAMS = 16;
const PEERS = 4;
const WARM_UP_MS = 8_000;
/** Until V8 has compiled what runs a few hundred times a second; an edge runs for months. */
const COMPILED_AFTER_MS = 40_000;
const WINDOW_MS = 8_000;
const RUNS = 5;
const CPU = { bench: 'relay', figure: 'cpu_ratio_edge', unit: 'ratio', goal: 0.5, better: 'lower' } as const;
const RSS = { bench: 'relay', figure: 'rss_per_stream_mb', unit: 'MB', goal: 3, better: 'lower' } as const;

interface Counts {
  delivered: number;
  lost: number;
  live: number;
}

/** What one stream costs the edge, beside `ffmpeg -c copy` on the same source in the same seconds. */
export async function cpuRatioEdge({ say }: Measuring): Promise<void> {
  const peer = `${await ffmpegVersion()} -c copy`;
  await withRunning(async (running) => {
    const { edge, url } = await startEdge(running);
    const peers = Array.from({ length: PEERS }, () => running.keep(startFfmpegCopy(url)));
    await sleep(COMPILED_AFTER_MS);
    await expectLive(edge, STREAMS);
    say(figureOf({ ...CPU, peer }, await cpuRatios(edge, peers)));
  });
}

/** Memory that each further stream costs: the edge's resident memory before and after more streams, several times. */
export async function rssPerStream({ say }: Measuring): Promise<void> {
  await withRunning(async (running) => {
    const { edge } = await startEdge(running);
    await sleep(WARM_UP_MS);
    await expectLive(edge, STREAMS);
    say(figureOf({ ...RSS, peer: null }, await memorySteps(edge)));
  });
}

async function startEdge(running: Running): Promise<{ edge: BenchProcess; url: string }> {
  const source = running.keep(await startSource(await benchClip(), CLIP_FPS));
  const [url = ''] = cameraUrls([source], 1);
  const viewers = running.keep(startScript('viewer-sink.ts'));
  const port = Number((await viewers.line()).split(' ')[1]);
  const edge = running.keep(startScript('edge-relay.ts', [url, String(port)], 'edge'));
  edge.tell(`add ${STREAMS}`);
  return { edge, url };
}

async function counts(edge: BenchProcess): Promise<Counts> {
  edge.tell('frames');
  return JSON.parse(await edge.line()) as Counts;
}

async function expectLive(edge: BenchProcess, streams: number): Promise<void> {
  const { live } = await counts(edge);
  if (live !== streams) throw new CannotRun(`only ${live} of ${streams} streams are live: the machine is too busy`);
}

/** CPU per stream of the edge over that of one ffmpeg, both over the same seconds. */
async function cpuRatios(edge: BenchProcess, peers: readonly BenchProcess[]): Promise<number[]> {
  const ratios: number[] = [];
  for (let i = 0; i < RUNS; i += 1) {
    const before = { edge: cpuMs(edge.pid), peer: meanCpuMs(peers), counts: await counts(edge) };
    await sleep(WINDOW_MS);
    const edgePerStream = (cpuMs(edge.pid) - before.edge) / STREAMS;
    const perPeer = meanCpuMs(peers) - before.peer;
    const { delivered, lost } = await counts(edge);
    const frames = delivered - before.counts.delivered;
    const expected = (STREAMS * CLIP_FPS * WINDOW_MS) / 1000;
    if (lost > before.counts.lost || frames < expected * 0.9) {
      throw new CannotRun(`the edge delivered ${frames} of ${expected} frames, ${lost} packets lost`);
    }
    ratios.push(edgePerStream / perPeer);
  }
  return ratios;
}

async function memorySteps(edge: BenchProcess): Promise<number[]> {
  const steps: number[] = [];
  let streams = STREAMS;
  let before = await restingMb(edge);
  for (let i = 0; i < RUNS; i += 1) {
    edge.tell(`add ${STREAMS}`);
    streams += STREAMS;
    await sleep(WARM_UP_MS);
    await expectLive(edge, streams);
    const after = await restingMb(edge);
    steps.push((after - before) / STREAMS);
    before = after;
  }
  return steps;
}

/** Median of several looks, because the garbage collector makes memory swing. */
async function restingMb(edge: BenchProcess): Promise<number> {
  const looks: number[] = [];
  for (let i = 0; i < 20; i += 1) {
    looks.push(rssMb(edge.pid));
    await sleep(200);
  }
  return looks.sort((a, b) => a - b)[10] ?? Number.NaN;
}
