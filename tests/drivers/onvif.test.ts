import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VirtualDoor } from '../../demo/door/virtual-door.ts';
import { OnvifClient } from '../../edge/drivers/onvif/onvif-client.ts';
import { OnvifDevice, type OnvifStatus } from '../../edge/drivers/onvif/onvif-device.ts';
import { probeOnvif, SNAPSHOT_MAX_BYTES } from '../../edge/drivers/onvif/probe.ts';
import { loadProfiles } from '../../edge/profiles/load.ts';
import { DeviceReporter } from '../../edge/profiles/reporter.ts';
import { systemClock } from '../../platform/clock.ts';
import { silentLog } from '../../platform/log.ts';
import type { NotificationToBuild } from '../../protocols/onvif/build-events.ts';
import { getDeviceInformation } from '../../protocols/onvif/request-device.ts';
import { buildFault } from '../../protocols/soap/fault.ts';
import { FakeOnvif, mediaProfile } from '../support/fake-onvif.ts';
import { MemorySink } from '../support/memory-sink.ts';
import { waitFor } from '../support/wait.ts';

const catalog = loadProfiles(join(import.meta.dirname, '..', '..', 'device-profiles'));

let camera: FakeOnvif;
let sink: MemorySink;
let statuses: OnvifStatus[];
const devices: OnvifDevice[] = [];

beforeEach(async () => {
  camera = await new FakeOnvif().start();
  sink = new MemorySink();
  statuses = [];
});

afterEach(async () => {
  for (const device of devices.splice(0)) await device.stop();
  await camera.stop();
});

function client(over: Partial<ConstructorParameters<typeof OnvifClient>[0]> = {}): OnvifClient {
  const credentials = { username: 'admin', password: 'secret' };
  const isAllowed = (host: string): boolean => host.startsWith('127.');
  return new OnvifClient({ url: camera.url, credentials, isAllowed, clock: systemClock, timeoutMs: 3_000, ...over });
}

const wrong = { credentials: { username: 'admin', password: 'wrong' } };

describe('signing in', () => {
  test('with Digest, each further request without another refusal, and with a new nonce when the old one is stale', async () => {
    const digest = client();
    await digest.call(getDeviceInformation());
    await digest.call(getDeviceInformation());
    expect(camera.asked).toHaveLength(3);
    camera.nonce = 'n2';
    await digest.call(getDeviceInformation());
    expect([camera.asked.length, camera.wrongSignIns]).toEqual([5, 0]);
  });

  test("with a UsernameToken in the device's own time, where it answers with a fault", async () => {
    camera.auth = 'token';
    camera.clockOffsetMs = -3_600_000;
    const token = client();
    await token.call(getDeviceInformation());
    expect(token.clockOffsetMs).toBeGreaterThan(-3_602_000);
    expect(camera.wrongSignIns).toBe(0);
    camera.clockOffsetMs = 7_200_000;
    await token.call(getDeviceInformation());
    expect(camera.wrongSignIns).toBe(1);
  });

  test.each(['digest', 'token'] as const)('a wrong password is tried twice at most (%s)', async (auth) => {
    camera.auth = auth;
    const guessing = client(wrong);
    for (let i = 0; i < 5; i++) {
      await expect(guessing.call(getDeviceInformation())).rejects.toMatchObject({ code: 'DEVICE_REFUSED_CREDENTIALS' });
    }
    expect(camera.wrongSignIns).toBe(2);
    expect(guessing.lockedOut).toBe(true);
  });

  test('a password that was changed meanwhile is not tried on and on', async () => {
    const digest = client();
    await digest.call(getDeviceInformation());
    camera.password = 'another';
    for (let i = 0; i < 5; i++) await digest.call(getDeviceInformation()).catch(() => undefined);
    expect(camera.wrongSignIns).toBe(2);
  });

  test('nothing is sent to a host that is not allowed', async () => {
    const strict = client({ isAllowed: () => false });
    await expect(strict.call(getDeviceInformation())).rejects.toMatchObject({ code: 'ADDRESS_NOT_ALLOWED' });
    expect(camera.asked).toEqual([]);
  });

  test('a name is looked up anew and dialled only where it leads inside', async () => {
    const url = camera.url.replace('127.0.0.1', 'localhost');
    const once = client({ url, isAllowed: (host) => host === 'localhost' });
    await expect(once.call(getDeviceInformation())).rejects.toMatchObject({ code: 'ADDRESS_NOT_ALLOWED' });
    expect(camera.asked).toEqual([]);
    const inside = client({ url, isAllowed: (host) => host === 'localhost' || host === '127.0.0.1' });
    await inside.call(getDeviceInformation());
    expect(camera.asked).not.toEqual([]);
  });
});

describe('probing', () => {
  test('tells identity, streams, clock and picture, all at the host that answers', async () => {
    camera.announcedHost = '192.0.2.7:8080';
    camera.clockOffsetMs = 90_000;
    const result = await probeOnvif(client(), catalog);
    expect(result).toMatchObject({
      ok: true,
      reason: 'ok',
      type: 'camera',
      identity: { manufacturer: 'Fake', model: 'F1', firmware: '1.2', serial: 'S1', mac: '02:00:00:00:00:aa' },
      streams: [
        { name: 'main', codec: 'H264', width: 1920, height: 1080, fps: 25 },
        { name: 'sub', codec: 'H264', width: 640, height: 360 },
      ],
      suggestedProfileId: 'generic/onvif-camera',
      snapshotBase64: camera.picture.toString('base64'),
    });
    expect(Math.abs((result.clockOffsetMs ?? 0) - 90_000)).toBeLessThan(2_000);
    expect(result.message).toContain('its clock is off by 90 s');
  });

  test('a wrong password is one attempt and a plain sentence', async () => {
    const result = await probeOnvif(client(wrong), catalog);
    expect(result).toMatchObject({ ok: false, reason: 'refused-credentials', streams: [] });
    expect(result.message).toContain('refuses the user name or password');
    expect(camera.wrongSignIns).toBe(1);
  });

  test('a camera with nothing but MPEG-4 says so', async () => {
    camera.profiles = [mediaProfile('other', 640, 480, 'MPEG4')];
    const result = await probeOnvif(client(), catalog);
    expect(result).toMatchObject({ ok: true, reason: 'unsupported-codec', streams: [] });
    expect(result.message).toContain('no stream in H.264, H.265 or JPEG');
  });

  test('a picture that is too large or none at all does not spoil the rest', async () => {
    camera.picture = Buffer.concat([camera.picture, Buffer.alloc(SNAPSHOT_MAX_BYTES)]);
    expect(await probeOnvif(client(), catalog)).toMatchObject({ ok: true, snapshotBase64: null });
    camera.picture = Buffer.from('<html>busy</html>');
    expect(await probeOnvif(client(), catalog)).toMatchObject({ ok: true, snapshotBase64: null });
  });

  test('an old camera without GetServices is read by its capabilities', async () => {
    camera.overrides['GetServices'] = () => buildFault(['s:Receiver', 'ter:ActionNotSupported'], 'no');
    camera.overrides['GetCapabilities'] = () => CAPABILITIES;
    expect((await probeOnvif(client(), catalog)).streams).toHaveLength(2);
  });

  test.each([
    ['HTML instead of SOAP', '<!DOCTYPE html><html></html>', 'garbage'],
    ['a document cut short', '<s:Envelope><s:Body><x>', 'garbage'],
    ['an endless document', `<a>${'x'.repeat(2_000_000)}</a>`, 'garbage'],
  ])('%s is a result, not a crash', async (_name, body, reason) => {
    camera.overrides['GetDeviceInformation'] = () => ({ status: 200, body });
    expect(await probeOnvif(client(), catalog)).toMatchObject({ ok: false, reason });
  });

  test('nobody there, and somebody who never answers', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const quiet = await probeOnvif(client({ url: `http://127.0.0.1:${port}/`, timeoutMs: 300 }), catalog);
    silent.close();
    expect(quiet).toMatchObject({ ok: false, reason: 'no-answer' });
    await camera.stop();
    expect(await probeOnvif(client(), catalog)).toMatchObject({ ok: false, reason: 'unreachable' });
  });
});

function motion(state: boolean): NotificationToBuild {
  return {
    topic: 'tns1:VideoSource/MotionAlarm',
    utcTimeMs: 1_782_900_000_000,
    propertyOperation: 'Changed',
    source: { Source: 'vs' },
    data: { State: String(state) },
  };
}

function device(onvif = client(), profileId = 'generic/onvif-camera'): OnvifDevice {
  const profile = catalog.get(profileId);
  const reporter = new DeviceReporter({
    deviceId: 'gate',
    profile,
    holdRepeats: true,
    events: sink,
    samples: sink,
    clock: systemClock,
  });
  const started = new OnvifDevice({
    deviceId: 'gate',
    client: onvif,
    reporter,
    onStatus: (status) => statuses.push(status),
    clock: systemClock,
    log: silentLog,
    pull: { pullMs: 2_000, termMs: 10_000 },
    random: () => 0,
  });
  devices.push(started);
  started.start();
  return started;
}

const online = (): boolean => statuses.at(-1)?.online === true;

describe('events', () => {
  test("become committed events with the device's time and ours", async () => {
    device();
    await waitFor('the subscription', online);
    camera.notify(motion(true));
    camera.notify(motion(false));
    await waitFor('two events', () => sink.events.length === 2);
    expect(sink.told).toEqual(['motion active vs', 'motion cleared vs']);
    expect(sink.events[0]).toMatchObject({
      deviceId: 'gate',
      deviceAtMs: 1_782_900_000_000,
      priority: 4,
      profile: 'generic/onvif-camera#motion',
    });
  });

  test('states at the beginning of a subscription are told when they are active, and once', async () => {
    camera.properties = [motion(true)];
    device();
    await waitFor('the event', () => sink.events.length === 1);
    camera.forgetSubscriptions();
    await waitFor(
      'a new subscription',
      () => camera.asked.filter((name) => name === 'SetSynchronizationPoint').length === 2,
    );
    camera.notify(motion(false));
    await waitFor('the end', () => sink.events.length === 2);
    expect(sink.told).toEqual(['motion active vs', 'motion cleared vs']);
  });

  test('a message that cannot be stored is kept until it can', async () => {
    device();
    await waitFor('the subscription', online);
    sink.failure = new Error('the disk is full');
    camera.notify(motion(true));
    await waitFor('two attempts', () => sink.begun >= 2);
    sink.failure = null;
    await waitFor('the event', () => sink.events.length === 1);
    expect(sink.told).toEqual(['motion active vs']);
  });

  test('a lifetime the device does not like is left to the device', async () => {
    let refused = 0;
    camera.overrides['CreatePullPointSubscription'] = () => {
      refused += 1;
      delete camera.overrides['CreatePullPointSubscription'];
      return buildFault(['s:Sender', 'ter:InvalidArgVal'], 'bad time');
    };
    device();
    await waitFor('the subscription', online);
    expect(refused).toBe(1);
  });

  test('a device that hangs up on pulls is pulled in shorter turns', async () => {
    let hangUps = 0;
    camera.overrides['PullMessages'] = async () => {
      hangUps += 1;
      if (hangUps > 2) delete camera.overrides['PullMessages'];
      throw new Error('hang up');
    };
    device();
    await waitFor('the subscription', online);
    await waitFor('the hang-ups', () => hangUps === 3);
    camera.notify(motion(true));
    await waitFor('the event', () => sink.events.length === 1);
    expect(camera.asked.filter((name) => name === 'CreatePullPointSubscription')).toHaveLength(1);
  });

  test('refused credentials are reported and not tried any more', async () => {
    device(client(wrong));
    await waitFor('the reason', () => statuses.at(-1)?.reason === 'locked-out');
    expect(statuses.map(({ reason }) => reason)).toContain('refused-credentials');
    expect(camera.wrongSignIns).toBe(2);
  });

  test('a device that goes and comes back is told, and its subscription is handed back at the end', async () => {
    const started = device();
    await waitFor('the subscription', online);
    await camera.stop();
    await waitFor('the loss', () => statuses.at(-1)?.reason === 'unreachable');
    await started.stop();
    camera = await new FakeOnvif().start();
    const again = device();
    await waitFor('the subscription', online);
    await again.stop();
    expect(camera.asked.at(-1)).toBe('Unsubscribe');
  });
});

describe('the virtual door of the demo, a device of another hand', () => {
  const identity = {
    uuid: '22222222-0000-4000-8000-000000000001',
    name: 'Door',
    hardware: 'D1',
    model: 'D1',
    serial: 'D-1',
    mac: '02:00:00:00:00:01',
    profiles: ['C'],
  };
  const door = new VirtualDoor({
    address: '127.0.92.1',
    identity,
    login: { username: 'admin', password: 'secret' },
    clockOffsetMs: 0,
  });
  const url = 'http://127.0.92.1:8000/onvif/device_service';

  beforeEach(() => door.start());
  afterEach(() => door.stop());

  test('is probed as a door and tells when it is forced, used and closed', async () => {
    const result = await probeOnvif(client({ url }), catalog);
    expect(result).toMatchObject({ ok: true, type: 'door', suggestedProfileId: 'generic/onvif-door', streams: [] });
    device(client({ url }), 'generic/onvif-door');
    await waitFor('the subscription', online);
    door.force();
    door.grantAccess('token-17');
    door.close();
    await waitFor('all events', () => sink.told.includes('door.closed pulse door1') && sink.told.length >= 7);
    expect(sink.told).toEqual([
      // What was so at the beginning: no alarm, which closes one that may be open at the hub.
      'door.forced cleared door1',
      'door.held-open cleared door1',
      'door.opened pulse door1',
      'door.forced active door1',
      'door.access-granted pulse reader1',
      'door.closed pulse door1',
      'door.forced cleared door1',
    ]);
    expect(JSON.stringify(sink.events)).not.toContain('token-17');
  });
});

const CAPABILITIES = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><GetCapabilitiesResponse><Capabilities>
<Media><XAddr>http://10.0.0.1/onvif/media</XAddr></Media><Events><XAddr>http://10.0.0.1/onvif/events</XAddr></Events>
</Capabilities></GetCapabilitiesResponse></s:Body></s:Envelope>`;
