import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Device } from '../../contract/api/devices.ts';
import { topics } from '../../contract/topics.ts';
import { VirtualAlarmBox } from '../../demo/alarm-box/virtual-alarm-box.ts';
import type { VirtualCamera } from '../../demo/camera/virtual-camera.ts';
import { HubClient } from '../../demo/township/hub-client.ts';
import { silentLog } from '../../platform/log.ts';
import { launchChromium, moves, type Person, signIn } from '../support/browser.ts';
import { eventNow } from '../support/fake-edge.ts';
import { freePorts } from '../support/free-port.ts';
import { JoinedEdge } from '../support/joined-edge.ts';
import { MOSQUITTO, Mosquitto } from '../support/mosquitto.ts';
import { ownCamera, registerOwnCamera } from '../support/own-camera.ts';
import { type Program, startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

if (MOSQUITTO === undefined) console.warn('Mosquitto is not installed: the hub with it as its brokers is not tested');

const ACCOUNT = '4C01';

describe.skipIf(MOSQUITTO === undefined)('Mosquitto instead of the embedded brokers', () => {
  let folder = '';
  let programs: Program[] = [];
  let hub: Program;
  let brokers: Mosquitto[] = [];
  let cameras: VirtualCamera[] = [];
  let box: VirtualAlarmBox | undefined;
  let south: JoinedEdge | undefined;
  let browser: Browser | undefined;
  let admin: HubClient;
  let operator: Person;
  let page: Page;
  let wallCameras: Device[] = [];
  let boxId = '';

  async function startHub(): Promise<Record<string, unknown>> {
    hub = startProgram(['hub/main.ts', '--config', join(folder, 'hub.yaml')]);
    programs.push(hub);
    return hub.message('ready', 'hub');
  }

  /** Hub and both Mosquittos, each with the files that the hub has written. */
  async function startCentre(): Promise<{ url: string; firstLogin: { account: string; password: string } }> {
    const port = await freePorts(4);
    const files = join(folder, 'mosquitto');
    const config = {
      data: join(folder, 'hub'),
      listen: { host: '127.0.0.1', port, livePort: port + 1 },
      demo: true,
      broker: {
        kind: 'external',
        url: `mqtt://127.0.0.1:${port + 2}`,
        mediaUrl: `mqtt://127.0.0.1:${port + 3}`,
        passwordFile: join(folder, 'password'),
        files,
        pidFile: join(folder, 'events.pid'),
        mediaPidFile: join(folder, 'media.pid'),
      },
    };
    writeFileSync(join(folder, 'hub.yaml'), stringify(config));
    const ready = await startHub();
    brokers = [
      new Mosquitto(join(files, 'mosquitto.conf'), config.broker.pidFile),
      new Mosquitto(join(files, 'mosquitto-media.conf'), config.broker.mediaPidFile),
    ];
    await Promise.all(brokers.map((broker) => broker.start()));
    return ready as never;
  }

  async function enrol(edgeId: string): Promise<string> {
    return (await admin.call('enrolEdge', { body: { edgeId, name: edgeId, regionId: null } })).joinFile;
  }

  async function online(edgeId: string): Promise<void> {
    await waitFor(`the edge ${edgeId} to be online`, async () =>
      (await admin.call('listEdges')).some((edge) => edge.edgeId === edgeId && edge.online),
    );
  }

  async function startEdge(): Promise<number> {
    const config = {
      data: join(folder, 'edge'),
      network: { allowed: [], loopback: true },
      discovery: { enabled: false },
      dc09: { enabled: true, host: '127.0.0.1', port: await freePorts() },
      recording: { reserveBytes: 0 },
    };
    writeFileSync(join(folder, 'edge.yaml'), stringify(config));
    writeFileSync(join(folder, 'join.json'), await enrol('north'));
    const args = ['--config', join(folder, 'edge.yaml'), '--join', join(folder, 'join.json')];
    const edge = startProgram(['edge/main.ts', ...args]);
    programs.push(edge);
    await edge.message('ready', 'edge');
    await online('north');
    return config.dc09.port;
  }

  async function registerBox(linked: string): Promise<string> {
    const nowhere = { latitude: null, longitude: null, bearingDeg: null, viewDistanceM: null, viewAngleDeg: null };
    const { device } = await admin.call('registerDevice', {
      body: {
        ...{ edgeId: 'north', candidateId: null, driver: 'sia-dc09', type: 'alarm-box', record: false },
        connection: { account: ACCOUNT },
        profileId: 'generic/dc09-help-box',
        placement: { ...nowhere, name: 'Help box', regionId: null, links: [linked] },
      },
    });
    return device.deviceId;
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mosquitto-wall-'));
    const { url, firstLogin } = await startCentre();
    admin = new HubClient(url);
    await admin.signIn(firstLogin.account, firstLogin.password);
    const dc09 = await startEdge();
    cameras = ['127.0.1.231', '127.0.1.232'].map((address) => ownCamera(address, folder));
    for (const [index, camera] of cameras.entries()) {
      await camera.start();
      wallCameras.push(
        await registerOwnCamera(admin, 'north', camera, { name: `Camera ${index + 1}`, regionId: null }),
      );
    }
    boxId = await registerBox(wallCameras[0]?.deviceId ?? '');
    box = new VirtualAlarmBox({
      receiver: { address: '127.0.0.1', port: dc09 },
      address: '127.0.1.233',
      account: ACCOUNT,
      supervisionMs: 60_000,
      log: silentLog,
    });
    box.start();
    browser = await launchChromium();
    operator = await signIn(browser, url, firstLogin, { language: 'en' });
    page = operator.page;
    await page.goto(`${url}/wall`);
  });

  afterAll(async () => {
    await browser?.close();
    box?.stop();
    await south?.stop();
    for (const program of programs.reverse()) await program.stop();
    for (const broker of brokers) await broker.stop();
    for (const camera of cameras) await camera.stop();
    [programs, wallCameras] = [[], []];
    rmSync(folder, { recursive: true, force: true });
  });

  const eventsOf = async (deviceId: string): Promise<string[]> =>
    (await admin.call('listEvents'))
      .filter(({ event }) => event.deviceId === deviceId)
      .map(({ event }) => `${event.kind} ${String(event.data['n'] ?? '')}`.trim());

  test('live pictures reach the wall', async () => {
    expect(wallCameras).toHaveLength(2);
    for (const { deviceId } of wallCameras) {
      await moves(page.locator(`[data-testid=wall] [data-testid=tile][data-device="${deviceId}"]`), 50);
    }
  });

  test('an alarm reaches the wall as an incident, with the picture of the linked camera', async () => {
    expect(await box?.pressHelp()).toBe(true);
    const popup = page.getByTestId('incident-popup');
    await popup.waitFor();
    expect(await popup.textContent()).toContain('Call for help');
    const tile = popup.getByTestId('tile').first();
    expect(await tile.getAttribute('data-device')).toBe(wallCameras[0]?.deviceId);
    await moves(tile);
    expect(await eventsOf(boxId)).toContain('help.pressed');
  });

  test('what an edge sends on the topics of another never reaches the hub', async () => {
    const joining = new JoinedEdge(await enrol('south'));
    south = joining;
    expect(await joining.join()).toBe(200);
    const client = await waitFor('Mosquitto to let the other edge in', () => joining.connect());
    await online('south');
    const before = await admin.call('listIncidents');

    const alarm = (n: number): string =>
      JSON.stringify({ epoch: 'forged', first: 1, events: [eventNow(boxId, 'help.pressed', 1, n)] });
    // Mosquitto confirms what it refuses, as MQTT 3.1.1 leaves it no other answer.
    await client.publishAsync(topics.events('north', 'alarm'), alarm(101), { qos: 1 });
    await client.publishAsync(topics.events('north', 'alarm'), alarm(102), { qos: 1, retain: true });
    const away = JSON.stringify({ online: false, epoch: 'forged' });
    await client.publishAsync(topics.status('north'), away, { qos: 1, retain: true });
    const own = { ...eventNow('box-of-south', 'help.pressed', 1, 103), id: 'own-103' };
    const batch = JSON.stringify({ epoch: 'own', first: 1, events: [own] });
    await client.publishAsync(topics.events('south', 'alarm'), batch, { qos: 1 });

    // Sent last on the same connection: when it is there, the forged ones would be too.
    await waitFor('the alarm of its own', async () => (await eventsOf('box-of-south')).length === 1);
    expect((await eventsOf(boxId)).filter((event) => /10[123]/.test(event))).toEqual([]);
    const added = await waitFor('its incident', async () => (await admin.call('listIncidents')).length - before.length);
    expect(added).toBe(1);
    const north = (await admin.call('listEdges')).find(({ edgeId }) => edgeId === 'north');
    expect(north?.online).toBe(true);
    expect(brokers[0]?.output).toMatch(/Denied PUBLISH from south .*sharp-eyes\/1\/north\/events\/alarm/);
  });

  test('pictures that an edge sends under the name of another do not reach the hub either', async () => {
    const media = await south?.dialMedia();
    await media?.publishAsync(topics.media('north', `${wallCameras[0]?.deviceId}.main`), 'forged', { qos: 1 });
    await media?.endAsync();
    await expect.poll(() => brokers[1]?.output).toMatch(/Denied PUBLISH from south .*sharp-eyes\/1\/north\/media\//);
    await moves(page.getByTestId('wall').getByTestId('tile').first(), 25);
  });

  /** Every camera's picture moves and an alarm gets through, on the page that was open all the time. */
  async function everythingWorks(): Promise<void> {
    for (const { deviceId } of wallCameras) {
      await moves(page.locator(`[data-testid=wall] [data-testid=tile][data-device="${deviceId}"]`), 50);
    }
    const known = (await eventsOf(boxId)).length;
    expect(await box?.resetHelp()).toBe(true);
    expect(await box?.pressHelp()).toBe(true);
    await waitFor('the alarm', async () => (await eventsOf(boxId)).length >= known + 2);
  }

  test('a hub that is killed and comes back to a Mosquitto that stayed finds its edge and its pictures', async () => {
    await hub.stop('SIGKILL');
    await startHub();
    await online('north');
    await everythingWorks();
  });

  test('a Mosquitto that is started anew is found by hub and edge', async () => {
    for (const broker of brokers) await broker.stop();
    for (const broker of brokers) await broker.start();
    await online('north');
    await everythingWorks();
    expect(operator.faults).toEqual([]);
    expect(operator.outside).toEqual([]);
  });
});
