import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePorts } from '../../tests/support/free-port.ts';
import { CannotRun, figureOf, type Measuring } from '../figure.ts';
import { benchClip, CLIP_FPS } from '../support/clip.ts';
import { startFfmpegCopy } from '../support/ffmpeg-copy.ts';
import { cameraUrls, startSource } from '../support/path.ts';
import { type BenchProcess, cpuMs, ffmpegVersion, rssMb, sleep, start, startScript } from '../support/processes.ts';
import { withRunning } from '../support/running.ts';

const STREAMS = 8;
const WARM_UP_MS = 10_000;
const WINDOW_MS = 8_000;
const RUNS = 5;

/** A relay that others made: how it is told to pull cameras and re-publish each as RTSP on loopback. */
interface Peer {
  program: string;
  fileName: string;
  config(urls: readonly string[], port: number): string;
  args(file: string): string[];
}

const PEERS: readonly Peer[] = [
  {
    program: 'mediamtx',
    fileName: 'mediamtx.yml',
    config: (urls, port) =>
      [
        'logLevel: error',
        ...['rtmp', 'hls', 'webrtc', 'srt', 'api', 'metrics'].map((name) => `${name}: no`),
        'rtspTransports: [tcp]',
        `rtspAddress: 127.0.0.1:${port}`,
        'paths:',
        ...urls.map((url, n) => `  s${n}:\n    source: ${url}\n    rtspTransport: tcp`),
      ].join('\n'),
    args: (file) => [file],
  },
  {
    program: 'go2rtc',
    fileName: 'go2rtc.yaml',
    config: (urls, port) =>
      [
        'log: { level: error }',
        'api: { listen: "" }',
        'webrtc: { listen: "" }',
        `rtsp: { listen: "127.0.0.1:${port}" }`,
        'streams:',
        ...urls.map((url, n) => `  s${n}: ${url}`),
      ].join('\n'),
    args: (file) => ['-config', file],
  },
];

/** Our edge beside the other relays that are installed: CPU per stream of ours over theirs, one reader per stream. */
export async function otherRelays({ say, note }: Measuring): Promise<void> {
  const present = PEERS.filter(({ program }) => isOnPath(program));
  for (const { program } of PEERS.filter((peer) => !present.includes(peer))) {
    note(`relay peers: ${program} is not on the PATH; not compared`);
  }
  if (present.length === 0) return;
  await ffmpegVersion();
  for (const peer of present) {
    const { cpu, rss } = await compare(peer);
    const about = { bench: 'relay', unit: 'ratio', goal: 1, better: 'lower', peer: peer.program } as const;
    say(figureOf({ ...about, figure: `cpu_ratio_${peer.program}` }, cpu));
    say(figureOf({ ...about, figure: `rss_ratio_${peer.program}` }, rss));
  }
}

function compare(peer: Peer): Promise<{ cpu: number[]; rss: number[] }> {
  return withRunning(async (running) => {
    const source = running.keep(await startSource(await benchClip(), CLIP_FPS));
    const urls = cameraUrls([source], STREAMS);
    const folder = mkdtempSync(join(tmpdir(), 'sharp-eyes-peer-'));
    running.keep({ stop: async () => rmSync(folder, { recursive: true, force: true }) });
    const port = await freePorts();
    const file = join(folder, peer.fileName);
    writeFileSync(file, peer.config(urls, port));
    const theirs = running.keep(start(peer.program, peer.args(file)));
    await sleep(2000);
    for (const n of urls.keys()) running.keep(startFfmpegCopy(`rtsp://127.0.0.1:${port}/s${n}`));
    const sink = running.keep(startScript('viewer-sink.ts'));
    const sinkPort = (await sink.line()).split(' ')[1] ?? '';
    const ours = running.keep(startScript('edge-relay.ts', [urls[0] ?? '', sinkPort], 'edge'));
    ours.tell(`add ${STREAMS}`);
    await sleep(WARM_UP_MS);
    return ratios(ours, theirs);
  });
}

async function ratios(ours: BenchProcess, theirs: BenchProcess): Promise<{ cpu: number[]; rss: number[] }> {
  const [cpu, rss]: [number[], number[]] = [[], []];
  for (let run = 0; run < RUNS; run++) {
    const before = { ours: cpuMs(ours.pid), theirs: cpuMs(theirs.pid) };
    await sleep(WINDOW_MS);
    const spent = cpuMs(theirs.pid) - before.theirs;
    if (spent < 1) throw new CannotRun('the other relay does nothing: its configuration was not taken');
    cpu.push((cpuMs(ours.pid) - before.ours) / spent);
    rss.push(rssMb(ours.pid) / rssMb(theirs.pid));
  }
  return { cpu, rss };
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      // Not in this folder.
      return false;
    }
  });
}
