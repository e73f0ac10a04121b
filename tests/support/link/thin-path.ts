/**
 * A hub at one end of a thin line, an edge with its township at the other, both as processes; to be run in the centre's
 * namespace by `runThinPath` of `thin-run.ts`.
 *
 * usage: thin-path.ts PLAN_JSON   ({@link ThinPlan})
 *
 * Prints one JSON line per phase ({@link PhaseFacts}).
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { stringify } from 'yaml';
import { benchClip } from '../../../bench/support/clip.ts';
import type { Device, Edge } from '../../../contract/api/devices.ts';
import { seal, sealingContext } from '../../../contract/sealed.ts';
import { enrolOffline } from '../../../hub/offline.ts';
import { nodeFlagsFor } from '../../../platform/node-flags.ts';
import { HubClient } from '../hub.ts';
import { Program, ROOT, startProgram } from '../program.ts';
import { waitFor } from '../wait.ts';
import { type TileFacts, TileWatch } from './tile-watch.ts';
import type { TownshipOptions } from './township.ts';

/** What happens one after the other. */
export interface ThinPlan {
  township: string;
  address: string;
  /** More of the edge's configuration. */
  edge?: Record<string, unknown>;
  phases: { name: string; seconds: number; watch: { camera: number; stream: 'main' | 'sub'; priority?: number }[] }[];
  alarmEveryMs: number;
}

/** What a phase showed. */
export interface PhaseFacts {
  phase: string;
  tiles: Record<string, TileFacts>;
  alarms: { sent: number; lost: number; p50: number; p99: number; max: number };
  /** The line as the edge sees it. */
  line: unknown;
}

const LOGIN = { username: 'viewer', password: 'only this edge' };
const CAMERAS = ['127.88.0.11', '127.88.0.12', '127.88.0.13', '127.88.0.14'];
const DC09_PORT = 12_128;
const EVENTS = `SELECT event ->> '$.data.area' AS area, event ->> '$.source' AS source, hub_at_ms AS hubAtMs
  FROM events WHERE lane = 'alarm'`;

const plan = JSON.parse(process.argv[2] ?? '{}') as ThinPlan;
const folder = mkdtempSync(join(tmpdir(), 'thin-path-'));
const programs: Program[] = [];

/** Small stream of village cameras: 640 × 360, 15 pictures/s, 400 kbit/s, a key frame every two seconds. */
function subClip(): string {
  const file = join(tmpdir(), 'sharp-eyes-sub-360p15-400k-v1.h264');
  if (existsSync(file)) return file;
  const picture = 'testsrc2=size=640x360:rate=15,noise=alls=10:allf=t';
  const rate = ['-b:v', '400k', '-maxrate', '400k', '-bufsize', '400k', '-g', '30', '-keyint_min', '30'];
  const codec = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '0', '-sc_threshold', '0', '-pix_fmt', 'yuv420p'];
  execFileSync('ffmpeg', [
    '-v',
    'error',
    '-y',
    '-f',
    'lavfi',
    '-i',
    picture,
    '-t',
    '10',
    ...codec,
    ...rate,
    '-f',
    'h264',
    file,
  ]);
  return file;
}

/** Starts a program of the project in the township's namespace. */
function inTownship(args: readonly string[]): Program {
  const child = spawn('ip', ['netns', 'exec', plan.township, process.execPath, ...nodeFlagsFor(args), ...args], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, SHARP_EYES_LOG: 'warn' },
  });
  const program = new Program(child, args.slice(0, 2).join(' '));
  programs.push(program);
  beginAlarms = () => child.stdin?.write('alarms\n');
  return program;
}
let beginAlarms = (): unknown => undefined;

async function startHub(): Promise<{ client: HubClient; livePort: number; caPem: string }> {
  const ports = ['--port', '8443', '--live-port', '8444', '--mqtt-port', '8883', '--media-port', '8884'];
  const data = join(folder, 'hub');
  const hub = startProgram([
    'hub/main.ts',
    '--data',
    data,
    '--host',
    plan.address,
    '--tls',
    'always',
    '--demo',
    ...ports,
  ]);
  programs.push(hub);
  const ready = (await hub.message('ready')) as unknown as {
    url: string;
    livePort: number;
    firstLogin: { account: string; password: string };
  };
  const { joinFile } = await enrolOffline(data, { edgeId: 'north', name: 'North' });
  writeFileSync(join(folder, 'join.json'), joinFile);
  const { caPem } = JSON.parse(joinFile) as { caPem: string };
  const client = new HubClient(ready.url, caPem);
  await client.signIn(ready.firstLogin.account, ready.firstLogin.password);
  return { client, livePort: ready.livePort, caPem };
}

async function startEdge(client: HubClient): Promise<string> {
  const config = {
    data: join(folder, 'edge'),
    network: { allowed: [], loopback: true },
    discovery: { enabled: false },
    dc09: { enabled: true, host: '127.0.0.1', port: DC09_PORT },
    recording: { reserveBytes: 0 },
    ...plan.edge,
  };
  writeFileSync(join(folder, 'edge.yaml'), stringify(config));
  const edge = inTownship(['edge/main.ts', '--config', join(folder, 'edge.yaml'), '--join', join(folder, 'join.json')]);
  await edge.message('ready');
  const north = await waitFor('the edge to be online', async () => {
    const edges = (await client.get('/api/edges')).json as Edge[];
    return edges.find(({ edgeId, online, sealingKey }) => edgeId === 'north' && online && sealingKey !== null);
  });
  return north.sealingKey ?? '';
}

async function register(client: HubClient, device: Record<string, unknown>): Promise<string> {
  const nowhere = { latitude: null, longitude: null, bearingDeg: null, viewDistanceM: null, viewAngleDeg: null };
  const placement = { name: String(device['name']), regionId: null, ...nowhere, links: [] };
  const { name: _, ...order } = device;
  const body = { edgeId: 'north', candidateId: null, record: false, profileId: null, placement, ...order };
  const answer = await client.send('POST', '/api/devices', body);
  if (answer.status !== 200) throw new Error(`not registered: ${answer.status} ${answer.text}`);
  return (answer.json as { device: Device }).device.deviceId;
}

/** When the hub committed each alarm, by area and zone. */
function committed(): Map<string, number> {
  const database = new DatabaseSync(join(folder, 'hub', 'hub.db'), { readOnly: true, timeout: 5000 });
  try {
    const rows = database.prepare(EVENTS).all() as { area: string; source: string; hubAtMs: number }[];
    return new Map(rows.map(({ area, source, hubAtMs }) => [`${area}/${source}`, hubAtMs]));
  } finally {
    database.close();
  }
}

async function run(): Promise<void> {
  const [main, sub] = [await benchClip(), subClip()];
  const { client, livePort, caPem } = await startHub();
  const picture = join(folder, 'still.jpg');
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', sub, '-frames:v', '1', picture]);
  const used = Math.max(...plan.phases.flatMap(({ watch }) => watch.map(({ camera }) => camera))) + 1;
  const options: TownshipOptions = {
    cameras: CAMERAS.slice(0, used),
    login: LOGIN,
    main: { file: main, width: 1920, height: 1080, fps: 25 },
    sub: { file: sub, width: 640, height: 360, fps: 15 },
    snapshotFile: picture,
    box: { account: '1A2B', port: DC09_PORT, everyMs: plan.alarmEveryMs },
  };
  const sealingKey = await startEdge(client);
  const township = inTownship(['tests/support/link/township.ts', JSON.stringify(options)]);
  await township.message('ready');
  await register(client, {
    ...{ name: 'Box', driver: 'sia-dc09', type: 'alarm-box', profileId: 'generic/dc09-help-box' },
    connection: { account: options.box.account },
  });
  const password = await seal(globalThis.crypto, sealingKey, sealingContext('north'), LOGIN.password);
  const cameras: string[] = [];
  for (const [i, address] of options.cameras.entries()) {
    const url = `http://${address}:8000/onvif/device_service`;
    const connection = { url, username: LOGIN.username, password };
    cameras.push(await register(client, { name: `Camera ${i}`, driver: 'onvif', type: 'camera', connection }));
  }
  await waitFor('the cameras to be online with both streams', async () => {
    const all = await Promise.all(cameras.map(async (id) => (await client.get(`/api/devices/${id}`)).json as Device));
    return all.every(({ online, edge }) => online && edge?.streams.length === 2);
  });
  beginAlarms();
  const headers = { cookie: client.cookie ?? '', origin: client.url };
  const viewer = new TileWatch(`wss://${plan.address}:${livePort}/live`, { ca: caPem, headers });
  await viewer.opened();
  let tiles: string[] = [];
  for (const { name, seconds, watch } of plan.phases) {
    for (const tile of tiles) viewer.unwatch(tile);
    tiles = watch.map(({ camera, stream }) => `${camera}-${stream}`);
    for (const { camera, stream, priority } of watch) {
      viewer.watch(`${camera}-${stream}`, cameras[camera] ?? '', stream, priority);
    }
    const fromMs = Date.now();
    await new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / 4));
    // The first quarter is for what begins and settles.
    viewer.begin();
    await new Promise((resolve) => setTimeout(resolve, (seconds * 3000) / 4));
    const facts = viewer.facts();
    const untilMs = Date.now() - 3000;
    const there = committed();
    const sent = township
      .messages()
      .filter(({ sentAtMs }) => Number(sentAtMs) >= fromMs && Number(sentAtMs) < untilMs)
      .map(({ alarm, sentAtMs }) => (there.get(String(alarm)) ?? Number.NaN) - Number(sentAtMs));
    const latencies = sent.filter((ms) => !Number.isNaN(ms)).sort((a, b) => a - b);
    const at = (share: number): number => Math.round(latencies[Math.ceil(latencies.length * share) - 1] ?? Number.NaN);
    const alarms = { sent: sent.length, lost: sent.length - latencies.length, p50: at(0.5), p99: at(0.99), max: at(1) };
    const edges = (await client.get('/api/edges')).json as Record<string, unknown>[];
    const status = edges[0]?.['status'] as Record<string, unknown> | undefined;
    const phase = { phase: name, tiles: facts, alarms, line: status?.['line'] ?? null } as PhaseFacts;
    process.stdout.write(`${JSON.stringify(phase)}\n`);
  }
  viewer.close();
}

async function cleanUp(): Promise<void> {
  for (const program of programs.reverse()) await program.stop('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

process.once('SIGTERM', () => void cleanUp().then(() => process.exit(1)));
// What is measured is the line, not how busy this machine is with other things. The programs it starts inherit this.
setPriority(-10);
try {
  await run();
} catch (error) {
  for (const { errors } of programs) if (errors !== '') process.stderr.write(`${errors.slice(-6000)}\n`);
  throw error;
} finally {
  await cleanUp();
}
