import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium, moves, signIn } from '../support/browser.ts';
import { type RunningDemo, startDemo } from '../support/demo.ts';
import { fillPlace } from '../support/device-wizard.ts';
import { countFrames, frameNumbers, hasFfmpeg } from '../support/ffmpeg.ts';
import { type GstRtspServer, hasGstRtspServer, startGstRtspServer } from '../support/gst-rtsp-server.ts';
import { ROOT } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const FRAMES = 750;
const SIZE = { width: 640, height: 360 };
const LOGIN = { user: 'viewer', password: 'of-the-source' };
const NAME = 'Numbered source';

let demo: RunningDemo;
let browser: Browser;
let source: GstRtspServer;
let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'numbered-'));
  [demo, browser] = await Promise.all([startDemo({ firstPauseSeconds: 600 }), launchChromium()]);
  await demo.complete();
});

afterAll(async () => {
  await browser?.close();
  await demo?.stop();
  await source?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test.skipIf(!hasGstRtspServer || !hasFfmpeg)(
  'a finite source of GStreamer, added by its address, plays on the wall, is recorded and exported with every frame',
  async () => {
    source = await startGstRtspServer({ frames: FRAMES, fps: 25, ...SIZE, digest: LOGIN, once: true });
    const login = (account: string) => ({ account, password: demo.password(account) });
    const operator = await signIn(browser, demo.url, login('operator'), { language: 'en' });
    await operator.page.goto(`${demo.url}/wall`);
    await operator.page.getByTestId('layout-16').click();
    const technician = await signIn(browser, demo.url, login('technician'), {
      language: 'en',
      width: 360,
      height: 740,
    });
    const phone = technician.page;
    await phone.goto(`${demo.url}/devices`);
    await phone.getByTestId('add-address').click();
    await phone.getByTestId('address-url').fill(source.url);
    await phone.getByTestId('address-name').fill(NAME);
    await phone.getByTestId('address-submit').click();
    await phone.getByTestId('wizard-username').fill(LOGIN.user);
    await phone.getByTestId('wizard-password').fill(LOGIN.password);
    await phone.getByTestId('wizard-probe').click();
    await phone.getByTestId('probe-result').waitFor();
    await phone.getByTestId('wizard-to-place').click();
    await fillPlace(phone, NAME);
    await phone.getByTestId('wizard-to-service').click();
    const fromMs = Date.now() - 1000;
    await phone.getByTestId('wizard-register').click();
    await phone.getByTestId('wizard-done').waitFor();

    const api = await demo.client('officer');
    const device = await waitFor('the device', async () =>
      (await api.call('listDevices')).find(({ name }) => name === NAME),
    );
    await moves(operator.page.locator(`[data-testid=wall] [data-testid=tile][data-device="${device.deviceId}"]`), 25);

    const ended = await waitFor(
      'the source to end',
      async () => {
        const now = await api.call('device', { params: { deviceId: device.deviceId } });
        return now.online ? undefined : now;
      },
      90_000,
      250,
    );
    const order = await api.call('exportFootage', {
      body: {
        incidentId: null,
        caseNumber: 'FRAMES-750',
        purpose: 'every numbered frame',
        cameras: [{ deviceId: device.deviceId, stream: 'main' }],
        fromMs,
        toMs: Math.max(Date.now(), ended.sinceMs) + 1000,
      },
    });
    const done = await waitFor(
      'the package',
      async () => {
        const job = await api.call('job', { params: { jobId: order.jobId } });
        if (job.phase === 'failed') throw new Error(job.error?.message);
        return job.phase === 'done' ? job : undefined;
      },
      60_000,
      250,
    );
    const officer = await signIn(browser, demo.url, login('officer'), { language: 'en' });
    await officer.page.goto(`${demo.url}/footage`);
    const row = officer.page.locator(`[data-testid=job][data-job="${done.jobId}"]`);
    const [download] = await Promise.all([officer.page.waitForEvent('download'), row.getByTestId('download').click()]);
    const file = join(folder, 'package.zip');
    await download.saveAs(file);
    execFileSync(process.execPath, ['cli/main.ts', 'verify', file], { cwd: ROOT });
    execFileSync('unzip', ['-q', file, '-d', folder]);
    const [movie, ...others] = execFileSync('find', [folder, '-name', '*.mp4'], { encoding: 'utf8' })
      .trim()
      .split('\n');
    expect(others).toEqual([]);
    expect(await countFrames(movie ?? '')).toBe(FRAMES);
    const numbers = await frameNumbers(movie ?? '', SIZE.width, SIZE.height);
    expect(numbers).toEqual(Array.from({ length: FRAMES }, (_, index) => index));
  },
);
