import { CannotRun, type Figure, figureOf } from './figure.ts';
import { benchClip, CLIP_FPS } from './support/clip.ts';
import { type BenchProcess, cpuMs, ffmpegVersion, rssMb, sleep, start, startScript } from './support/processes.ts';

const BENCH = 'relay';
const STREAMS = 16;
const PEERS = 4;
const WARM_UP_MS = 8_000;
const WINDOW_MS = 8_000;
const RUNS = 5;

interface Counts {
  delivered: number;
  lost: number;
  live: number;
}

/** What one stream costs the edge, beside `ffmpeg -c copy` on the same source in the same seconds. */
export async function run(say: (figure: Figure) => void): Promise<void> {
  const peer = `${await ffmpegVersion()} -c copy`;
  const running: BenchProcess[] = [];
  const keep = (process: BenchProcess): BenchProcess => {
    running.push(process);
    return process;
  };
  try {
    const source = keep(startScript('rtsp-source.ts', [await benchClip(), String(CLIP_FPS)]));
    const url = `rtsp://127.0.0.1:${await port(source)}/clip`;
    const viewers = keep(startScript('viewer-sink.ts'));
    const edge = keep(startScript('edge-relay.ts', [url, String(await port(viewers))]));
    edge.tell(`add ${STREAMS}`);
    const peers = Array.from({ length: PEERS }, () => keep(startFfmpeg(url)));
    await sleep(WARM_UP_MS);
    await expectLive(edge, STREAMS);
    say(figureOf({ ...CPU, peer }, await cpuRatios(edge, peers)));
    for (const process of peers) await process.stop();
    say(figureOf({ ...RSS, peer: null }, await memorySteps(edge)));
  } finally {
    for (const process of running) await process.stop();
  }
}

const CPU = { bench: BENCH, figure: 'cpu_ratio_edge', unit: 'ratio', goal: 0.5, better: 'lower' } as const;
const RSS = { bench: BENCH, figure: 'rss_per_stream_mb', unit: 'MB', goal: 3, better: 'lower' } as const;

function startFfmpeg(url: string): BenchProcess {
  const input = ['-v', 'error', '-nostdin', '-rtsp_transport', 'tcp', '-i', url];
  return start('ffmpeg', [
    ...input,
    '-c',
    'copy',
    '-f',
    'mp4',
    '-movflags',
    'frag_keyframe+empty_moov',
    '-y',
    '/dev/null',
  ]);
}

async function port(process: BenchProcess): Promise<number> {
  return Number((await process.line()).split(' ')[1]);
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
    const before = { edge: cpuMs(edge.pid), peers: peers.map(({ pid }) => cpuMs(pid)), counts: await counts(edge) };
    await sleep(WINDOW_MS);
    const edgePerStream = (cpuMs(edge.pid) - before.edge) / STREAMS;
    const perPeer = peers.reduce((sum, { pid }, n) => sum + cpuMs(pid) - (before.peers[n] ?? 0), 0) / peers.length;
    const { delivered, lost } = await counts(edge);
    const expected = (STREAMS * CLIP_FPS * WINDOW_MS) / 1000;
    if (lost > 0 || delivered - before.counts.delivered < expected * 0.9) {
      throw new CannotRun(
        `the edge delivered ${delivered - before.counts.delivered} of ${expected} frames, ${lost} packets lost`,
      );
    }
    ratios.push(edgePerStream / perPeer);
  }
  return ratios;
}

/** Memory that each further stream costs: the edge's resident memory before and after more streams, several times. */
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
