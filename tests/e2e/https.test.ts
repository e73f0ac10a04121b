import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { identityFiles } from '../../hub/identity/identity-files.ts';
import { launchChromium, signIn } from '../support/browser.ts';
import { type RunningDemo, startDemo } from '../support/demo.ts';
import { trustInChromium } from '../support/trust-store.ts';
import { waitFor } from '../support/wait.ts';
import { wallMoves } from '../support/wall-check.ts';

let demo: RunningDemo;
let home = '';
let trusting: Browser;
let strange: Browser;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'https-'));
  demo = await startDemo({ tls: true, firstPauseSeconds: 20 });
  const caFile = join(home, 'ca.pem');
  const pem = readFileSync(identityFiles(join(demo.folder, 'hub')).ca, 'utf8');
  writeFileSync(caFile, pem);
  setDefaultCACertificates([...getCACertificates(), pem]);
  trustInChromium(home, caFile);
  [trusting, strange] = await Promise.all([launchChromium(home), launchChromium(mkdtempSync(join(home, 'other-')))]);
});

afterAll(async () => {
  await trusting?.close();
  await strange?.close();
  await demo?.stop();
  rmSync(home, { recursive: true, force: true });
});

test('the hub hands out its authority, the same that signs its certificate', async () => {
  expect(demo.url).toMatch(/^https:/);
  const response = await fetch(`${demo.url}/ca.pem`);
  expect(await response.text()).toContain('BEGIN CERTIFICATE');
});

test('a browser that has not imported it refuses the page', async () => {
  const page = await strange.newPage();
  await expect(page.goto(demo.url)).rejects.toThrow(/ERR_CERT_AUTHORITY_INVALID/);
});

test('a browser that has imported it shows moving pictures and the incident over TLS, without ignoring any error', async () => {
  const login = { account: 'operator', password: demo.password('operator') };
  const { page, faults } = await signIn(trusting, demo.url, login, { language: 'en' });
  await page.goto(`${demo.url}/wall`);
  expect(await page.evaluate('window.isSecureContext')).toBe(true);
  await demo.complete();
  await wallMoves(page, 8);
  await page.getByTestId('incident-popup').waitFor({ timeout: 90_000 });
  const { cookies } = await page.context().storageState();
  expect(cookies.find(({ name }) => name === 'sharp_eyes_session')).toMatchObject({
    secure: true,
    httpOnly: true,
    sameSite: 'Strict',
  });
  const edges = await waitFor('the edge', async () => (await demo.client('operator')).call('listEdges'));
  expect(edges[0]?.online).toBe(true);
  expect(faults).toEqual([]);
});
