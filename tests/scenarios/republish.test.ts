import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Default } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../contract/api/centre.ts';
import type { Device, Edge as EdgeInfo } from '../../contract/api/devices.ts';
import type { ReaderList } from '../../contract/api/readers.ts';
import { seal, sealingContext } from '../../contract/sealed.ts';
import { EdgeConfig } from '../../edge/config/schema.ts';
import { Edge } from '../../edge/edge.ts';
import { Readers } from '../../edge/republish/readers.ts';
import { systemClock } from '../../platform/clock.ts';
import { type Log, silentLog } from '../../platform/log.ts';
import type { RtspServer } from '../../platform/rtsp-server/server.ts';
import { aacSamples, h264Samples } from '../support/coded-samples.ts';
import { hasFfmpeg } from '../support/ffmpeg.ts';
import { type HubClient, type RunningHub, startHub } from '../support/hub.ts';
import { ScriptedSource, sha256 } from '../support/published-source.ts';
import { startRtspServer } from '../support/rtsp-host.ts';
import { aacHashes, FFMPEG, GSTREAMER, hasGstreamer, pictureHashes } from '../support/rtsp-readers.ts';
import { waitFor } from '../support/wait.ts';

const EDGE = 'north';
const SECONDS = 90;

/** A camera → an edge that re-publishes → a hub that re-publishes, each with its own passwords. */
describe.skipIf(!hasFfmpeg)('a camera read through edge and hub', () => {
  let folder = '';
  const log = new PlayLog();
  let hub: RunningHub;
  let edge: Edge;
  let camera: { server: RtspServer; url: string };
  let source: ScriptedSource;
  let device: Device;
  let edgePort = 0;
  let edgePassword = '';
  let town = '';
  let operator: HubClient;
  let stranger: HubClient;
  const pictures = h264Samples(SECONDS, '320x180');
  const sound = aacSamples(SECONDS);
  const pictureHash = pictures.units.map((unit) => sha256(unit.bytes.subarray(4)));
  const soundHash = sound.units.map((unit) => sha256(unit.bytes));

  async function region(name: string): Promise<string> {
    const wanted = { parentId: 'county', level: 'township', name, code: null };
    return ((await hub.admin.send('POST', '/api/regions', wanted)).json as { regionId: string }).regionId;
  }

  async function register(): Promise<Device> {
    const north = await waitFor('the edge to be online', async () =>
      ((await hub.admin.get('/api/edges')).json as EdgeInfo[]).find(({ online, sealingKey }) => online && sealingKey),
    );
    const password = await seal(globalThis.crypto, north.sealingKey ?? '', sealingContext(EDGE), 'vi11age');
    const url = camera.url.replace('vms:vi11age@', '');
    const nowhere = { latitude: null, longitude: null, bearingDeg: null, viewDistanceM: null, viewAngleDeg: null };
    const answer = await hub.admin.send('POST', '/api/devices', {
      ...{ edgeId: EDGE, candidateId: null, driver: 'rtsp', type: 'camera', profileId: null, record: false },
      connection: { url, username: 'vms', password },
      placement: { name: 'Gate', regionId: town, ...nowhere, links: [] },
    });
    if (answer.status !== 200) throw new Error(answer.text);
    return (answer.json as { device: Device }).device;
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-test-'));
    source = new ScriptedSource([pictures, sound]);
    camera = await startRtspServer(source);
    source.start();
    hub = await startHub((config) => ({ ...config, republish: { ...config.republish, enabled: true, port: 0 } }));
    town = await region('Town');
    const otherTown = await region('Other town');
    operator = await hub.person('operator', 'operator', [town]);
    stranger = await hub.person('stranger', 'operator', [otherTown]);
    const joined = await hub.admin.send('POST', '/api/edges', { edgeId: EDGE, name: 'North', regionId: town });
    const joinFile = join(folder, 'join.json');
    await writeFile(joinFile, (joined.json as { joinFile: string }).joinFile);
    const data = join(folder, 'edge');
    const config = Default(EdgeConfig, {
      data,
      network: { allowed: [], loopback: true },
      discovery: { enabled: false },
      republish: { enabled: true, host: '127.0.0.1', port: 0, udp: true, udpPort: 0 },
    }) as EdgeConfig;
    edge = new Edge({ config, joinFile, clock: systemClock, log: log.log });
    const ready = await edge.start();
    const listener = ready.listeners.find(({ name }) => name === 'rtsp');
    edgePort = Number(listener?.address.split(':').at(-1));
    device = await register();
    edgePassword = await new Readers(data).add('school', [device.deviceId], Date.now());
  }, 60_000);

  afterAll(async () => {
    await edge?.stop();
    await hub?.stop();
    await camera?.server.stop();
    source?.stop();
    await rm(folder, { recursive: true });
  });

  const edgeUrl = (user: string, password: string, stream = 'main'): string =>
    `rtsp://${user}:${password}@127.0.0.1:${edgePort}/${device.deviceId}/${stream}`;

  async function hubUrl(client: HubClient): Promise<string> {
    const made = await client.send('POST', '/api/session/readers', { name: 'recorder of the school' });
    const { reader, password } = made.json as { reader: { reader: string }; password: string };
    const { server } = (await client.get('/api/session/readers')).json as ReaderList;
    return `rtsp://${reader.reader}:${password}@127.0.0.1:${server?.port}/${device.deviceId}/main`;
  }

  function expectRow(read: readonly string[], all: readonly string[], atLeast: number): void {
    expect(read.length).toBeGreaterThanOrEqual(atLeast);
    const from = all.indexOf(read[0] ?? '');
    expect(read).toEqual(all.slice(from, from + read.length));
  }

  it.each([
    ['ffmpeg', 'tcp'],
    ['ffmpeg', 'udp'],
  ] as const)('the edge gives %s every picture over %s, beginning with a key frame', async (_, transport) => {
    const read = pictureHashes(
      await FFMPEG.read(edgeUrl('school', edgePassword), 'h264', transport, { seconds: 3 }),
      'h264',
    );
    expectRow(read, pictureHash, 60);
    expect(pictures.units[pictureHash.indexOf(read[0] ?? '')]?.key).toBe(true);
  });

  it('the edge gives its sound too', async () => {
    const read = aacHashes(await FFMPEG.read(edgeUrl('school', edgePassword), 'aac', 'tcp', { seconds: 3 }));
    expectRow(read, soundHash, 100);
  });

  it('the edge refuses a wrong password and a device that is not the reader’s', async () => {
    await expect(FFMPEG.read(edgeUrl('school', 'guess'), 'h264', 'tcp')).rejects.toThrow(/401/);
    expect(log.has('school', 'a reader was refused')).toBe(true);
    const other = await new Readers(join(folder, 'edge')).add('other', ['another-device'], Date.now());
    await expect(FFMPEG.read(edgeUrl('other', other), 'h264', 'tcp')).rejects.toThrow(/404/);
  });

  it('a removed reader is cut off while it reads', async () => {
    const readers = new Readers(join(folder, 'edge'));
    const password = await readers.add('leaving', null, Date.now());
    const reading = FFMPEG.read(edgeUrl('leaving', password), 'h264', 'tcp', { seconds: 60 });
    const done = reading.then((bytes) => bytes.length);
    await waitFor('the reader to read', () => log.has('leaving', 'a reader plays a stream'));
    await readers.remove('leaving');
    // It got something and its end came long before the minute was over.
    expect(await done).toBeGreaterThan(0);
    await expect(FFMPEG.read(edgeUrl('leaving', password), 'h264', 'tcp')).rejects.toThrow(/401/);
  });

  it('the hub gives every picture and every piece of sound in the name of somebody who may see the camera', async () => {
    const url = await hubUrl(operator);
    const read = pictureHashes(await FFMPEG.read(url, 'h264', 'tcp', { seconds: 3 }), 'h264');
    expectRow(read, pictureHash, 60);
    expectRow(aacHashes(await FFMPEG.read(url, 'aac', 'tcp', { seconds: 3 })), soundHash, 100);
    const audit = (await hub.admin.get('/api/audit?limit=50')).json as AuditEntry[];
    const looks = audit.filter(({ action }) => action.startsWith('live.read'));
    expect(looks.map(({ action, account, subject }) => [action, account, subject])).toContainEqual([
      'live.read.begin',
      'operator',
      device.deviceId,
    ]);
    expect(looks.some(({ action }) => action === 'live.read.end')).toBe(true);
    expect(audit.map(({ action }) => action)).toContain('reader.create');
    const stored = JSON.stringify((await operator.get('/api/session/readers')).json);
    expect(stored).not.toContain(new URL(url.replace('rtsp', 'http')).password);
  });

  it.skipIf(!hasGstreamer)(
    'the hub gives GStreamer the pictures, whose own end of the stream ends with the right',
    async () => {
      const reading = GSTREAMER.read(await hubUrl(operator), 'h264', 'tcp');
      await waitFor('a look', async () => {
        const audit = (await hub.admin.get('/api/audit?limit=20')).json as AuditEntry[];
        return audit.filter(({ action }) => action === 'live.read.begin').length >= 3;
      });
      // Moved into another town: the operator may not see it any more.
      const change = { version: device.version, placement: { ...placementOf(device), regionId: null } };
      expect((await hub.admin.send('PATCH', `/api/devices/${device.deviceId}`, change)).status).toBe(200);
      expectRow(pictureHashes(await reading, 'h264'), pictureHash, 1);
      const back = { version: device.version + 1, placement: placementOf(device) };
      expect((await hub.admin.send('PATCH', `/api/devices/${device.deviceId}`, back)).status).toBe(200);
    },
  );

  it('the hub refuses whoever may not see the camera, and a password that was taken back', async () => {
    const nameIn = (url: string): string => new URL(url.replace('rtsp', 'http')).username;
    const strange = await hubUrl(stranger);
    await expect(FFMPEG.read(strange, 'h264', 'tcp')).rejects.toThrow(/404/);
    const refused = await waitFor('it on the log', async () =>
      ((await hub.admin.get('/api/audit?action=live.read.refused')).json as AuditEntry[]).at(0),
    );
    const details = { reason: 'right', device: device.deviceId };
    expect(refused).toMatchObject({ account: null, subject: nameIn(strange), details });
    const url = await hubUrl(operator);
    const username = nameIn(url);
    expect((await stranger.send('DELETE', `/api/session/readers/${username}`)).status).toBe(404);
    expect((await operator.send('DELETE', `/api/session/readers/${username}`)).status).toBe(204);
    await expect(FFMPEG.read(url, 'h264', 'tcp')).rejects.toThrow(/401/);
  });
});

/** Who has begun to read, and who was refused. */
class PlayLog {
  readonly #said = new Set<string>();
  readonly log: Log = {
    ...silentLog,
    info: (context, message) => this.#note(context, message),
    warn: (context, message) => this.#note(context, message),
    child: () => this.log,
  };

  #note(context: object, message: string): void {
    this.#said.add(`${(context as { user?: string }).user} ${message}`);
  }

  has(user: string, message: string): boolean {
    return this.#said.has(`${user} ${message}`);
  }
}

function placementOf(device: Device): object {
  const { name, regionId, latitude, longitude, bearingDeg, viewDistanceM, viewAngleDeg, links } = device;
  return { name, regionId, latitude, longitude, bearingDeg, viewDistanceM, viewAngleDeg, links };
}
