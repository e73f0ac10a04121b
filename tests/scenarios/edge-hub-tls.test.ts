import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Device, Edge } from '../../contract/api/devices.ts';
import type { FootageJob } from '../../contract/footage.ts';
import { seal, sealingContext } from '../../contract/sealed.ts';
import { enrolOffline } from '../../hub/offline.ts';
import { freePorts } from '../support/free-port.ts';
import { type GstRtspServer, hasGstRtspServer, startGstRtspServer } from '../support/gst-rtsp-server.ts';
import { HubClient } from '../support/hub.ts';
import { type Program, startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const LOGIN = { user: 'viewer', password: 'only this edge' };
let folder = '';
let programs: Program[] = [];
let camera: GstRtspServer | null = null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edge-hub-tls-'));
});

afterEach(async () => {
  for (const program of programs.reverse()) await program.stop('SIGKILL');
  programs = [];
  await camera?.stop();
  camera = null;
  rmSync(folder, { recursive: true });
});

function start(args: string[]): Program {
  const program = startProgram(args);
  programs.push(program);
  return program;
}

async function startHub(): Promise<{ url: string; firstLogin: { account: string; password: string } }> {
  const port = await freePorts(4);
  const [web = '', live = '', mqtt = '', media = ''] = [0, 1, 2, 3].map((offset) => String(port + offset));
  const ports = ['--port', web, '--live-port', live, '--mqtt-port', mqtt, '--media-port', media];
  const hub = start(['hub/main.ts', '--data', join(folder, 'hub'), '--tls', 'always', '--demo', ...ports]);
  return (await hub.message('ready', 'hub')) as never;
}

function startEdge(joinFile: string | null): Program {
  const config = {
    data: join(folder, 'edge'),
    network: { allowed: [], loopback: true },
    discovery: { enabled: false },
    recording: { segmentSeconds: 2, reserveBytes: 0 },
  };
  writeFileSync(join(folder, 'edge.yaml'), stringify(config));
  const args = ['edge/main.ts', '--config', join(folder, 'edge.yaml')];
  if (joinFile === null) return start(args);
  writeFileSync(join(folder, 'join.json'), joinFile);
  return start([...args, '--join', join(folder, 'join.json')]);
}

test('edge and hub over TLS: join, register a camera with a sealed password, record, look at footage', async (context) => {
  if (!hasGstRtspServer) return context.skip();
  camera = await startGstRtspServer({ frames: Infinity, fps: 25, width: 320, height: 180, digest: LOGIN });
  const hub = await startHub();
  const { joinFile } = await enrolOffline(join(folder, 'hub'), { edgeId: 'north', name: 'North' });
  const { caPem } = JSON.parse(joinFile) as { caPem: string };
  const edge = startEdge(joinFile);
  await edge.message('ready', 'edge');
  const admin = new HubClient(hub.url, caPem);
  await admin.signIn(hub.firstLogin.account, hub.firstLogin.password);
  const north = await waitFor('the edge to be online', async () => {
    const edges = (await admin.get('/api/edges')).json as Edge[];
    return edges.find(({ edgeId, online }) => edgeId === 'north' && online);
  });

  const sealed = await seal(globalThis.crypto, north.sealingKey ?? '', sealingContext('north'), LOGIN.password);
  const connection = { url: camera.url, username: LOGIN.user, password: sealed };
  const placement = {
    name: 'Gate',
    regionId: null,
    latitude: null,
    longitude: null,
    bearingDeg: null,
    viewDistanceM: null,
    viewAngleDeg: null,
    links: [],
  };
  const order = { edgeId: 'north', candidateId: null, driver: 'rtsp', type: 'camera', profileId: null, record: true };
  const answer = await admin.send('POST', '/api/devices', { ...order, connection, placement });
  expect([answer.status, answer.text.slice(0, 300)]).toEqual([200, expect.stringContaining('deviceId')]);
  const { device } = answer.json as { device: Device };
  const { deviceId } = device;
  const startMs = Date.now();
  await waitFor('the camera to be online and recorded', async () => {
    const found = (await admin.get(`/api/devices/${deviceId}`)).json as Device;
    return found.online && found.edge?.recording?.state === 'recording' && Date.now() - startMs > 5000;
  });

  const range = { deviceId, stream: 'main', fromMs: Date.now() - 3000, toMs: Date.now() };
  const look = await admin.send('POST', '/api/footage/looks', { incidentId: null, purpose: 'a test', ...range });
  const { jobId } = look.json as FootageJob;
  const job = await waitFor('the clip', async () => {
    const found = (await admin.get(`/api/footage/jobs/${jobId}`)).json as FootageJob;
    if (found.phase === 'failed') throw new Error(JSON.stringify(found.error));
    return found.phase === 'done' ? found : null;
  });
  expect(job.fileBytes).toBeGreaterThan(5000);
  const file = await admin.get(`/api/footage/jobs/${jobId}/file`);
  expect(file.bytes.subarray(4, 8).toString()).toBe('ftyp');

  expect(await edge.stop()).toBe(0);
  const kept = readFileSync(join(folder, 'edge', 'identity', 'identity.json'), 'utf8');
  expect(kept).not.toContain(LOGIN.password);
  expect(edge.errors).not.toContain(LOGIN.password);
});

test('a hub whose certificate is not under the authority of the join file gets nothing', async () => {
  await startHub();
  const { joinFile } = await enrolOffline(join(folder, 'hub'), { edgeId: 'north', name: 'North' });
  const { caPem } = JSON.parse(joinFile) as { caPem: string };
  await programs[0]?.stop();
  rmSync(join(folder, 'hub'), { recursive: true });
  await startHub();
  const other = await enrolOffline(join(folder, 'hub'), { edgeId: 'north', name: 'North' });
  const mixed = JSON.stringify({ ...(JSON.parse(other.joinFile) as object), caPem });
  const edge = startEdge(mixed);
  await waitFor('the edge to give up', () => edge.ended);
  expect(edge.errors).toMatch(/cannot be reached: .*(certificate|signature)/);
});
