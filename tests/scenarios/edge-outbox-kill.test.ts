import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MiniHub } from '../support/edge/mini-hub.ts';
import { waitFor } from '../support/wait.ts';

const PROGRAM = join(import.meta.dirname, '..', 'support', 'edge', 'outbox-process.ts');
let folder = '';
let hub: MiniHub;
let url = '';
let running: ChildProcess | null = null;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'edge-outbox-'));
  hub = new MiniHub('north');
  url = await hub.start();
});

afterEach(async () => {
  await kill();
  await hub.stop();
  rmSync(folder, { recursive: true });
});

async function kill(): Promise<void> {
  const child = running;
  running = null;
  if (child === null || child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

/** Starts a run; the set fills with the ids whose commit was reported. */
function run(prefix: string, count: number): Set<string> {
  const committed = new Set<string>();
  const child = spawn(process.execPath, [PROGRAM, folder, url, prefix, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running = child;
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) committed.add(line);
  });
  return committed;
}

test('kill -9 of edge and cuts of the line during 10,000 events: nothing reported as committed is lost or doubled', async () => {
  const reported: Set<string>[] = [];
  for (let round = 0; round < 4; round++) {
    const committed = run(`r${round}`, 10_000);
    reported.push(committed);
    const until = 600 + round * 900;
    await waitFor(`${until} commits of round ${round}`, () => committed.size >= until);
    if (round % 2 === 1) hub.cut();
    await waitFor(`${until + 300} commits of round ${round}`, () => committed.size >= until + 300);
    await kill();
  }
  const last = run('last', 10_000);
  reported.push(last);
  await waitFor('the last round to be committed', () => last.delete('done'));
  await waitFor('an empty backlog', () => {
    const { backlog } = hub.statuses.at(-1) ?? {};
    return backlog?.event === 0 && backlog.alarm === 0 && hub.model.committed.event.at(-1) === 'last-9999';
  });
  const arrived = [...hub.model.committed.alarm, ...hub.model.committed.event];
  expect(new Set(arrived).size).toBe(arrived.length);
  const have = new Set(arrived);
  const lost = reported.flatMap((ids) => [...ids]).filter((id) => !have.has(id));
  expect(lost).toEqual([]);
  expect(hub.model.holes).toBe(0);
});
