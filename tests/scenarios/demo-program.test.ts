import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePorts } from '../support/free-port.ts';
import { type Program, startProgram } from '../support/program.ts';
import { InVain, waitFor } from '../support/wait.ts';

let folder = '';
const programs: Program[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sharp-eyes-demo-'));
});

afterEach(async () => {
  for (const program of programs.splice(0)) await program.stop();
  rmSync(folder, { recursive: true, force: true });
});

function demo(port: number, ...more: string[]): Program {
  const program = startProgram(['cli/main.ts', 'demo', '--port', String(port), '--data', folder, ...more]);
  programs.push(program);
  return program;
}

const isReady = (program: Program): Promise<true> =>
  waitFor('the demo to be ready', () => {
    if (program.ended) throw new InVain(program.errors);
    return program.lines.includes('Ready.') as true;
  });

test('a taken port is said in plain words, with a way out', async () => {
  const port = await freePorts(7);
  const blocker: Server = createServer().listen(port + 2, '127.0.0.1');
  await once(blocker, 'listening');
  const program = demo(port, '--no-demo');
  expect(await program.exit()).toBe(1);
  expect(program.errors).toContain(`Port ${port + 2} is taken`);
  expect(program.errors).toContain('--port');
  blocker.close();
});

test('Ctrl-C ends everything, the second start keeps its data and shows no password again', async () => {
  const port = await freePorts(7);
  const first = demo(port, '--no-demo');
  await isReady(first);
  expect(first.lines.join('\n')).toMatch(/admin\s+\S{8,}/);
  expect(await first.stop('SIGINT')).toBe(0);
  await expect(fetch(`http://127.0.0.1:${port}/api/health`)).rejects.toThrow();

  const second = demo(port, '--no-demo');
  await isReady(second);
  expect(second.lines.join('\n')).not.toMatch(/admin\s+\S{8,}\s*$/m);
  expect(second.lines.join('\n')).toContain('reset-password');
  expect(await second.stop('SIGINT')).toBe(0);
});

test('nothing listens outside loopback', async () => {
  const port = await freePorts(7);
  const program = demo(port, '--no-demo');
  await isReady(program);
  const { execFileSync } = await import('node:child_process');
  const listening = execFileSync('ss', ['-Hltnu'], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/)[4] ?? '')
    .filter((address) => Number(address.split(':').at(-1)) >= port && Number(address.split(':').at(-1)) < port + 6);
  expect(listening.length).toBeGreaterThanOrEqual(6);
  expect(listening.filter((address) => !address.startsWith('127.'))).toEqual([]);
});
