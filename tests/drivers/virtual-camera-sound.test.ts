import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeMuLaw } from '../../contract/g711.ts';
import type { VirtualCamera } from '../../demo/camera/virtual-camera.ts';
import { inspect } from '../../edge/drivers/onvif/inspect.ts';
import { OnvifClient } from '../../edge/drivers/onvif/onvif-client.ts';
import { BackChannel } from '../../edge/media/back-channel.ts';
import { systemClock } from '../../platform/clock.ts';
import { silentLog } from '../../platform/log.ts';
import { ownCamera } from '../support/own-camera.ts';
import { waitFor } from '../support/wait.ts';

const [DOME, DEAF] = ['127.0.1.241', '127.0.1.242'];
let folder = '';
let dome: VirtualCamera;
let deaf: VirtualCamera;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sound-'));
  dome = ownCamera(DOME, folder, { microphone: true, loudspeaker: true });
  deaf = ownCamera(DEAF, folder);
  await Promise.all([dome.start(), deaf.start()]);
});

afterAll(async () => {
  await Promise.all([dome.stop(), deaf.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

function backChannel(camera: VirtualCamera): BackChannel {
  const { address, login } = camera.options;
  const url = `rtsp://${address}:8554/main`;
  return new BackChannel({ url, credentials: login, trust: 'any', clock: systemClock, log: silentLog });
}

test('ffprobe, which requires nothing, finds picture and sound, decodes both, and sees no way back', async () => {
  const { username, password } = dome.options.login;
  const { stdout } = await promisify(execFile)('ffprobe', [
    ...['-v', 'error', '-rtsp_transport', 'tcp', '-read_intervals', '%+2', '-count_frames'],
    ...['-show_entries', 'stream=codec_name,sample_rate,nb_read_frames', '-of', 'json'],
    `rtsp://${username}:${password}@${DOME}:8554/sub`,
  ]);
  const { streams } = JSON.parse(stdout) as { streams: { codec_name: string; nb_read_frames: string }[] };
  expect(streams).toMatchObject([{ codec_name: 'h264' }, { codec_name: 'pcm_mulaw', sample_rate: '8000' }]);
  expect(Number(streams[1]?.nb_read_frames)).toBeGreaterThan(10);
});

test('what is sent to the loudspeaker arrives there, sample by sample, and the session ends', async () => {
  const channel = backChannel(dome);
  expect(await channel.open()).toEqual({ codec: 'pcmu' });
  const said = encodeMuLaw(Float32Array.from({ length: 1600 }, (_, i) => Math.sin(i / 5) / 2));
  channel.send(said.subarray(0, 800));
  channel.send(said.subarray(800));
  await waitFor('the sound', () => dome.loudspeaker?.bytes === 1600);
  expect(dome.loudspeaker?.heard).toEqual(said);
  await channel.close();
  await waitFor('the end', () => dome.loudspeaker?.open === 0);
});

test('a camera without a loudspeaker says so, in ONVIF and in RTSP', async () => {
  await expect(backChannel(deaf).open()).rejects.toMatchObject({ code: 'DEVICE_UNSUPPORTED' });
  const abilities = async (camera: VirtualCamera): Promise<boolean[]> => {
    const { address, login } = camera.options;
    const url = `http://${address}:8000/onvif/device_service`;
    const client = new OnvifClient({ url, credentials: login, isAllowed: () => true, clock: systemClock });
    const { hasMicrophone, hasLoudspeaker, ptz } = await inspect(client);
    return [hasMicrophone, hasLoudspeaker, ptz !== null];
  };
  expect(await abilities(dome)).toEqual([true, true, false]);
  expect(await abilities(deaf)).toEqual([false, false, false]);
});
