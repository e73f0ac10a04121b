import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncidentSummary } from '../../contract/incident.ts';
import { VirtualCamera } from '../../demo/camera/virtual-camera.ts';
import { type Language, launchChromium, moves, type Person, signIn } from '../support/browser.ts';
import { type RunningDemo, startDemo } from '../support/demo.ts';
import { fillPlace, finishWizard } from '../support/device-wizard.ts';
import { ROOT } from '../support/program.ts';
import { makeSampleClip } from '../support/sample-clip.ts';
import { waitFor } from '../support/wait.ts';
import { wallMoves } from '../support/wall-check.ts';

const NEW_CAMERA = '127.0.1.211';
const LOGIN = { username: 'admin', password: 'of-the-new-camera' };
const PHONE = { width: 360, height: 740 };

let demo: RunningDemo;
let browser: Browser;
let folder = '';
let newCamera: VirtualCamera;
const people: Person[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'people-'));
  const clip = makeSampleClip(folder, { width: 640, height: 360 });
  const stream = { file: clip.clip, width: 640, height: 360, fps: 25 };
  newCamera = new VirtualCamera({
    address: NEW_CAMERA,
    identity: {
      uuid: '1419d68a-1dd2-11b2-a105-0000000000bb',
      name: 'Bus stop',
      hardware: 'Virtual',
      model: 'Virtual',
      serial: 'NEW-1',
      mac: '02:00:00:00:03:01',
      profiles: ['Streaming', 'T'],
    },
    login: LOGIN,
    main: stream,
    sub: stream,
    snapshotFile: clip.picture,
    clockOffsetMs: 0,
  });
  [demo, browser] = await Promise.all([startDemo({ firstPauseSeconds: 30 }), launchChromium()]);
});

afterAll(async () => {
  await browser?.close();
  await demo?.stop();
  await newCamera?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function person(
  account: string,
  language: Language,
  size: { width?: number; height?: number } = {},
): Promise<Page> {
  const login = { account, password: demo.password(account) };
  const signedIn = await signIn(browser, demo.url, login, { language, ...size });
  people.push(signedIn);
  return signedIn.page;
}

async function incidentWith(what: string, wanted: (incident: IncidentSummary) => boolean): Promise<IncidentSummary> {
  const api = await demo.client('operator');
  return waitFor(what, async () => (await api.call('listIncidents')).find(wanted));
}

/** Accept with the key, open the page, see reasons and pictures, write a note. */
async function handles(page: Page, note: string): Promise<string> {
  const popup = page.getByTestId('incident-popup');
  const incidentId = (await popup.getAttribute('data-incident')) ?? '';
  await moves(popup.getByTestId('tile').first());
  await page.keyboard.press('a');
  const api = await demo.client('operator');
  await waitFor('the acceptance', async () => {
    const incident = await api.call('incident', { params: { incidentId } });
    return (incident.state === 'accepted' && incident.owner === 'operator') || undefined;
  });
  await page.goto(`${demo.url}/incidents/${incidentId}`);
  const detail = page.getByTestId('incident-detail');
  await moves(detail.getByTestId('tile').first());
  await detail.getByTestId('note').first().click();
  await page.getByTestId('note-text').fill(note);
  await page.getByTestId('note-submit').click();
  await expect.poll(() => page.getByTestId('incident-history').textContent()).toContain(note);
  return incidentId;
}

test('operator, English: the wall moves, the linked incident pops up with its reasons and is accepted', async () => {
  const page = await person('operator', 'en');
  await page.goto(`${demo.url}/wall`);
  await demo.complete();
  await wallMoves(page, 8);
  const popup = page.getByTestId('incident-popup');
  await popup.waitFor({ timeout: 90_000 });
  // The forced door joins a few seconds after the button: one incident, not two, and it says why.
  await expect.poll(() => popup.textContent(), { timeout: 60_000 }).toMatch(/Committee door.*(\d+ m)/s);
  expect(await popup.textContent()).toContain('Call for help');
  const incidentId = await handles(page, 'Village officer informed');
  const incident = await (await demo.client('operator')).call('incident', { params: { incidentId } });
  const door = incident.events.find(({ event }) => event.kind === 'door.forced');
  expect(door?.reasons.map(({ code }) => code)).toContain('within-distance');
});

test.each(['en', 'zh'] as const)(
  'officer, %s: exports footage of the incident and the package verifies',
  async (language) => {
    const incident = await incidentWith('the help incident', ({ kind }) => kind === 'help.pressed');
    const page = await person('officer', language);
    await page.goto(`${demo.url}/incidents/${incident.incidentId}`);
    await page.getByTestId('export-footage').first().click();
    await page.getByTestId('export-case').fill(`A-2026-${language}`);
    await page
      .getByTestId('export-purpose')
      .fill(language === 'zh' ? '调查求助事件' : 'Investigation of the call for help');
    await page.getByTestId('export-submit').click();
    const job = page.getByTestId('job').first();
    await waitFor(
      'the package',
      async () => {
        const phase = await job.getAttribute('data-phase');
        if (phase === 'failed') throw new Error(`the export failed: ${await job.textContent()}`);
        return phase === 'done' || undefined;
      },
      120_000,
      250,
    );
    const [download] = await Promise.all([page.waitForEvent('download'), job.getByTestId('download').click()]);
    const file = join(folder, `package-${language}.zip`);
    await download.saveAs(file);
    const { fingerprint } = await (await demo.client('officer')).call('signer');
    const verify = (...args: string[]): unknown =>
      JSON.parse(
        execFileSync(process.execPath, ['cli/main.ts', 'verify', file, '--json', ...args], {
          cwd: ROOT,
          encoding: 'utf8',
        }),
      );
    expect(verify('--trust', fingerprint)).toMatchObject({ state: 'intact', signer: 'trusted' });
    expect(verify()).toMatchObject({ state: 'intact', signer: 'unchecked' });
    const audit = await (await demo.client('demo-script')).call('listAudit');
    const traces = audit.filter(({ action, account }) => action === 'footage.export' && account === 'officer');
    expect(traces[0]?.purpose).toMatch(language === 'zh' ? '调查' : 'Investigation');
  },
);

test('technician, English, on a phone: registers a newly switched-on camera, which appears on the wall', async () => {
  await newCamera.start();
  const page = await person('technician', 'en', PHONE);
  await page.goto(`${demo.url}/devices`);
  const candidate = page.locator(`[data-testid=candidate][data-address*="${NEW_CAMERA}"]`);
  await candidate.waitFor({ timeout: 60_000 });
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(PHONE.width);
  await candidate.getByTestId('candidate-set-up').click();
  await finishWizard(page, LOGIN, 'Bus stop');
  await appearsOnWall('en', 'Bus stop');
});

test('technician, Chinese, on a phone: adds a camera by its RTSP address, which appears on the wall', async () => {
  const page = await person('technician', 'zh', PHONE);
  await page.goto(`${demo.url}/devices`);
  await page.getByTestId('add-address').click();
  await page.getByTestId('address-url').fill(`rtsp://${NEW_CAMERA}:8554/sub`);
  await page.getByTestId('address-name').fill('公交站');
  await page.getByTestId('address-submit').click();
  await finishWizard(page, LOGIN, '公交站');
  await appearsOnWall('zh', '公交站');
});

async function appearsOnWall(language: Language, name: string): Promise<void> {
  const devices = await (await demo.client('operator')).call('listDevices');
  const device = devices.find((each) => each.name === name);
  expect(device, name).toBeDefined();
  const page = await person('operator', language);
  await page.goto(`${demo.url}/wall`);
  await page.getByTestId('layout-16').click();
  await moves(page.locator(`[data-testid=wall] [data-testid=tile][data-device="${device?.deviceId}"]`));
}

test('technician and operator, Chinese: a new sensor sends from outside, the incident pops up, is accepted and closed', async () => {
  const technician = await person('technician', 'zh', PHONE);
  await technician.goto(`${demo.url}/devices`);
  await technician.getByTestId('add-sensor').click();
  const profile = technician.getByTestId('wizard-profile');
  await profile.waitFor();
  const names = await profile.locator('option').allTextContents();
  await profile.selectOption({ index: names.findIndex((text) => text.includes('水位')) });
  await fillPlace(technician, '东闸水位');
  await technician.getByTestId('sensor-submit').click();
  await technician.getByTestId('sensor-secret').waitFor();
  const shown = async (id: string): Promise<string> => {
    const field = technician.getByTestId(id);
    return ((await field.getAttribute('data-value')) ?? (await field.textContent()) ?? '').trim();
  };
  const [username, password, topic] = [
    await shown('sensor-username'),
    await shown('sensor-password'),
    await shown('sensor-topic'),
  ];

  const operator = await person('operator', 'zh');
  await operator.goto(`${demo.url}/wall`);
  await operator.getByTestId('tile').first().waitFor();
  const broker = ['-h', '127.0.0.1', '-p', String(demo.port + 4), '-u', username, '-P', password, '-i', username];
  execFileSync('mosquitto_pub', [...broker, '-q', '1', '-t', topic, '-m', '{"level": 4.2}']);
  const incident = await incidentWith("the gauge's incident", ({ deviceName }) => deviceName === '东闸水位');
  expect(incident.kind).toBe('water-level.high');

  await operator.goto(`${demo.url}/incidents/${incident.incidentId}`);
  const detail = operator.getByTestId('incident-detail');
  await expect.poll(() => detail.textContent()).toContain('东闸水位');
  await operator.keyboard.press('a');
  await expect.poll(() => detail.textContent()).toMatch(/处置中|已接警/);
  await operator.keyboard.press('c');
  await operator.getByTestId('close-code').locator('[data-value=handled]').click();
  await operator.getByTestId('close-submit').click();
  const closed = await waitFor('the closing', async () => {
    const now = await (await demo.client('operator')).call('incident', { params: { incidentId: incident.incidentId } });
    return now.state === 'closed' ? now : undefined;
  });
  expect(closed.closingCode).toBe('handled');
});

test('no page reported a fault or asked another host', () => {
  expect(people.length).toBeGreaterThan(5);
  expect(people.flatMap(({ faults }) => faults)).toEqual([]);
  expect(people.flatMap(({ outside }) => outside)).toEqual([]);
});
