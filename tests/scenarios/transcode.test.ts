import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ViewerCodec } from '../../contract/live.ts';
import { ONVIF_PORT, RTSP_PORT, VirtualCamera } from '../../demo/camera/virtual-camera.ts';
import { CLIPS_FOLDER } from '../../demo/clips/catalog.ts';
import { DEVICE_SERVICE_PATH } from '../../protocols/onvif/services.ts';
import { hasFfmpeg } from '../support/ffmpeg.ts';
import { TestViewer } from '../support/test-viewer.ts';
import { waitFor } from '../support/wait.ts';
import { WholePath } from '../support/whole-path/whole-path.ts';

const ADDRESS = '127.0.77.20';
const LOGIN = { username: 'admin', password: 'of-the-camera' };

const path = new WholePath({ recording: { reserveBytes: 0 } });
let camera: VirtualCamera;
/** Registered with both of its streams, and with the main one only. */
let both = '';
let mainOnly = '';
const viewers: TestViewer[] = [];

beforeAll(async () => {
  const clip = (file: string, width: number, fps: number) => ({
    ...{ file: join(CLIPS_FOLDER, file), width, height: (width * 9) / 16, fps },
  });
  camera = new VirtualCamera({
    address: ADDRESS,
    identity: {
      ...{ uuid: '1419d68a-1dd2-11b2-a105-000000007720', name: 'H265', hardware: 'Virtual', model: 'Virtual' },
      ...{ serial: 'H265-1', mac: '02:00:00:00:77:20', profiles: ['Streaming', 'T'] },
    },
    login: LOGIN,
    main: clip('school-gate.main.h265', 1280, 25),
    sub: clip('school-gate.sub.h264', 640, 12.5),
    snapshotFile: join(CLIPS_FOLDER, 'school-gate.jpg'),
    clockOffsetMs: 0,
  });
  await Promise.all([path.start(), camera.start()]);
  const common = { type: 'camera', profileId: null, password: LOGIN.password } as const;
  const [onvif, rtsp] = [
    `http://${ADDRESS}:${ONVIF_PORT}${DEVICE_SERVICE_PATH}`,
    `rtsp://${ADDRESS}:${RTSP_PORT}/main`,
  ];
  const connection = (url: string) => ({ url, username: LOGIN.username });
  const made = await path.register({ ...common, name: 'Both', driver: 'onvif', connection: connection(onvif) });
  both = made.device.deviceId;
  const other = await path.register({ ...common, name: 'Main', driver: 'rtsp', connection: connection(rtsp) });
  mainOnly = other.device.deviceId;
  await waitFor('the codecs to be known', async () => {
    const { edge } = await path.device(both);
    return edge?.streams.map(({ codec }) => codec).join() === 'H265,H264';
  });
});
afterEach(() => {
  for (const viewer of viewers.splice(0)) viewer.close();
});
afterAll(async () => {
  await path.remove();
  await camera?.stop();
});

async function viewer(codecs: readonly ViewerCodec[]): Promise<TestViewer> {
  const { addresses, admin } = path.hub;
  const headers = { cookie: admin.cookie ?? '', origin: addresses.url };
  const opened = await new TestViewer(addresses.livePort, headers).opened();
  viewers.push(opened);
  opened.send(JSON.stringify({ type: 'hello', codecs }));
  return opened;
}

/** The last that a viewer was told of its tile, and the codec of the last init segment. */
function shown(who: TestViewer): string {
  const told = who.messages.filter((message) => message.type === 'watching').at(-1);
  const init = who.media.filter(({ type }) => type === 'init').at(-1);
  const codec = init === undefined ? 'none' : (JSON.parse(init.description) as { codec: string }).codec;
  return told?.type === 'watching' ? `${told.stream} ${told.why} ${codec.split('.')[0]}` : 'nothing';
}

/** What came since the last init segment, with it. */
function current(who: TestViewer): TestViewer['media'] {
  const init = who.media.filter(({ type }) => type === 'init').at(-1);
  return who.media.filter(
    ({ type, handle, epoch }) => type !== 'end' && handle === init?.handle && epoch === init.epoch,
  );
}

const pictures = (who: TestViewer): number => current(who).filter(({ type }) => type === 'fragment').length;

/** What ffprobe decodes of what a viewer got. */
function decoded(who: TestViewer): { codec: string; width: number; frames: number } {
  const args = ['-v', 'error', '-count_frames', '-show_entries', 'stream=codec_name,width,nb_read_frames'];
  const input = Buffer.concat(current(who).map(({ body }) => body));
  const { stdout } = spawnSync('ffprobe', [...args, '-of', 'csv=p=0', 'pipe:0'], { input });
  const [codec = '', width, frames] = String(stdout).trim().split(',');
  return { codec, width: Number(width), frames: Number.parseInt(frames ?? '', 10) };
}

/** Encoders of the edge. */
function encoders(): number {
  const tasks = readFileSync(`/proc/${path.edgePid}/task/${path.edgePid}/children`, 'utf8').split(' ');
  return tasks.filter((pid) => pid !== '' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('libx264')).length;
}

describe('a camera that sends H.265', () => {
  test('goes untouched to whoever decodes it', async () => {
    const who = await viewer(['h264', 'h265']);
    who.watch('a', both, 'main');
    await waitFor('pictures', () => pictures(who) > 30);
    expect(shown(who)).toBe('main asked hvc1');
    if (hasFfmpeg) expect(decoded(who)).toMatchObject({ codec: 'hevc', width: 1280 });
  });

  test('is shown by its small H.264 stream to whoever does not, and the tile says why', async () => {
    const who = await viewer(['h264']);
    who.watch('a', both, 'main');
    await waitFor('pictures', () => pictures(who) > 15);
    expect(shown(who)).toBe('sub codec avc1');
    expect(encoders()).toBe(0);
  });

  test.skipIf(!hasFfmpeg)(
    'is encoded anew by the edge where there is no other stream: once for all, and only while it is watched',
    async () => {
      const [first, second, untouched] = [await viewer(['h264']), await viewer([]), await viewer(['h264', 'h265'])];
      second.send(JSON.stringify({ type: 'hello', codecs: ['h264', 'mjpeg'] }));
      for (const who of [first, second, untouched]) who.watch('a', mainOnly, 'main', { width: 1280 });
      await waitFor('pictures', () =>
        [first, second].every((who) => shown(who).endsWith('avc1') && pictures(who) > 30),
      );
      await waitFor('the camera’s own', () => pictures(untouched) > 30);
      expect([first, second, untouched].map(shown)).toEqual([
        'main transcoded avc1',
        'main transcoded avc1',
        'main asked hvc1',
      ]);
      expect(encoders()).toBe(1);
      const { codec, width, frames } = decoded(first);
      expect([codec, width, frames > 30]).toEqual(['h264', 1280, true]);
      expect(first.reason('a')).toBe('live');
      for (const who of [first, second]) who.unwatch('a');
      await waitFor('the encoder to end', () => encoders() === 0);
      const before = pictures(untouched);
      await waitFor('the untouched picture to go on', () => pictures(untouched) > before + 10);
    },
  );

  test.skipIf(!hasFfmpeg)('is made into MPEG-1 by the hub for a screen that decodes nothing else', async () => {
    const who = await viewer(['mjpeg', 'mpeg1']);
    who.watch('a', mainOnly, 'main');
    await waitFor('pictures', () => pictures(who) > 30, 60_000);
    expect(shown(who)).toBe('main transcoded mpeg1');
    const { codec, frames } = decoded(who);
    expect([codec, frames > 20]).toEqual(['mpeg1video', true]);
    await waitFor('the counter', async () => (await path.hub.counters())['live.mpeg1Streams'] === 1);
    who.unwatch('a');
    await waitFor('its end', async () => (await path.hub.counters())['live.mpeg1Streams'] === 0);
  });

  test('a screen that can show nothing of it is told so', async () => {
    const who = await viewer(['mjpeg']);
    who.watch('a', mainOnly, 'main');
    await waitFor('the reason', () => who.reason('a') === 'unsupported-codec');
  });
});
