import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EdgeEvent } from '../../../../contract/event.ts';
import { makeIdentity, openIdentity } from '../../../../edge/identity/identity-file.ts';
import { StatusBoard } from '../../../../edge/supervision/status-board.ts';
import { Uplink } from '../../../../edge/uplink/uplink.ts';
import { silentLog } from '../../../../platform/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

let folder = '';
let mounted = false;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'outbox-full-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=80m', 'tmpfs', folder], { stdio: 'ignore' });
    mounted = true;
  } catch {
    mounted = false;
    console.warn('no tmpfs can be mounted here: the test of a really full disk is skipped');
  }
});

afterEach(() => {
  if (mounted) execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true });
});

function alarm(index: number): EdgeEvent {
  const id = `alarm-${index}`;
  return {
    id,
    deviceId: 'd',
    kind: 'help.pressed',
    state: 'active',
    priority: 1,
    deviceAtMs: null,
    edgeAtMs: 1,
    data: {},
  };
}

test('alarms are still committed on a disk that somebody else has filled to the last byte', async (context) => {
  if (!mounted) return context.skip();
  const clock = new FakeClock();
  const board = new StatusBoard(clock);
  const url = 'mqtt://127.0.0.1:1';
  const addresses = { hubUrl: url, mqttUrl: url, mediaUrl: url, caPem: null };
  const file = { sharpEyesJoin: 1 as const, edgeId: 'north', token: 'x'.repeat(16), expiresAtMs: 0, ...addresses };
  const uplink = new Uplink({
    dataFolder: folder,
    identity: await openIdentity(await makeIdentity(file)),
    config: { maxBytes: 1e9, maxSamples: 1000, backlogBytesPerSecond: 1e6 },
    clock,
    log: silentLog,
    board,
    inventory: () => ({ version: 1, devices: [], candidates: [] }),
    diskFreeBytes: () => null,
    onCommand: () => undefined,
  });
  await uplink.start();
  try {
    await uplink.commit(alarm(0));
    const filler = join(folder, 'filler.bin');
    for (const size of [1 << 20, 1 << 12, 1]) fill(filler, size);
    for (let i = 1; i <= 500; i++) await uplink.commit(alarm(i));
    expect(board.problems.map(({ code }) => code)).toEqual(['STORAGE']);
    rmSync(filler);
    await clock.advance(31_000);
    await uplink.stop();
    expect(board.problems).toEqual([]);
  } finally {
    await uplink.stop();
  }
});

function fill(path: string, size: number): void {
  const chunk = Buffer.alloc(size, 1);
  for (;;) {
    try {
      writeFileSync(path, chunk, { flag: 'a' });
    } catch {
      return;
    }
  }
}
