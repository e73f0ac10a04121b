import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyChain } from '../../../../evidence/chain/chain.ts';
import { nodeDigests } from '../../../../evidence/digest-node.ts';
import { FakeStream } from '../../../support/edge/fake-stream.ts';
import { type RecordingRig, recordingRig } from '../../../support/edge/recording-rig.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { waitFor } from '../../../support/wait.ts';

const REF = { deviceId: 'cam', stream: 'main' as const };
let data = '';
let clock: FakeClock;
let rig: RecordingRig | null = null;
let camera: FakeStream;

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'disk-full-'));
  clock = new FakeClock();
  camera = new FakeStream(clock);
});

afterEach(async () => {
  await rig?.stop();
  rig = null;
  rmSync(data, { recursive: true });
});

/** Mounts a file system of a few megabytes; null where that is not allowed. */
function mountTiny(path: string, size: string): (() => void) | null {
  mkdirSync(path, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'ignore' });
    return () => execFileSync('umount', [path]);
  } catch {
    console.warn('no tmpfs can be mounted here: the test of a really full disk is skipped');
    return null;
  }
}

test('below the reserve recording stops and says so; above it goes on, and the hole is in the ledger', async () => {
  let free = 1e9;
  const made = await recordingRig(data, clock, { config: { reserveBytes: 1e6 }, free: async () => free });
  rig = made;
  await made.recording.record(REF, camera, false);
  await camera.play(4);
  free = 1000;
  await camera.play(6);
  await waitFor('recording to stop', () => made.recording.info(REF)?.reason === 'disk-full');
  expect(made.faults).toEqual(['disk-full']);
  await camera.play(20);
  free = 1e9;
  await clock.advance(6000);
  await waitFor('recording to be ready', () => made.recording.info(REF)?.state !== 'failed');
  await camera.play(10);
  expect(made.recording.info(REF)?.state).toBe('recording');
  expect(made.gaps.map(({ cause }) => cause)).toEqual(['disk-full']);
  await camera.play(40);
  await waitFor('the all-clear', () => made.faults.length === 2);
  expect(made.faults).toEqual(['disk-full', null]);
  await made.recording.stopRecording(REF);
  const records = (await made.store.between(REF, 0, 1e15)).map(({ record }) => record);
  expect(verifyChain(nodeDigests, records)).toEqual({ ok: true });
  expect(records.reduce((sum, { frames }) => sum + frames, 0)).toBeGreaterThan(50 * 25);
});

test('a disk that really is full: what was written whole is kept and chained, and recording resumes', async (context) => {
  const mounted = join(data, 'tiny');
  const unmount = mountTiny(mounted, '3m');
  if (unmount === null) return context.skip();
  try {
    const filler = join(mounted, 'filler.bin');
    writeFileSync(filler, Buffer.alloc(1_000_000));
    const folder = join(mounted, 'recordings');
    const made = await recordingRig(data, clock, { folder, config: { quotaBytes: 1e9 }, free: async () => 1e9 });
    rig = made;
    camera.frameBytes = 8000;
    await made.recording.record(REF, camera, false);
    for (let i = 0; i < 20 && made.faults.length === 0; i++) {
      await camera.play(1);
      await waitFor('the disk to keep up', () => made.disk.queuedBytes === 0);
    }
    expect(made.faults).toEqual(['disk-full']);
    rmSync(filler);
    await clock.advance(6000);
    await waitFor('the repaired segment', async () => (await made.store.between(REF, 0, 1e15)).length > 0);
    await camera.play(2);
    await made.recording.stopRecording(REF);
    const records = (await made.store.between(REF, 0, 1e15)).map(({ record }) => record);
    expect(verifyChain(nodeDigests, records)).toEqual({ ok: true });
    expect(records.length).toBeGreaterThanOrEqual(2);
    expect(made.gaps.map(({ cause }) => cause)).toEqual(['disk-full']);
    await made.stop();
    rig = null;
  } finally {
    await rig?.stop();
    rig = null;
    unmount();
  }
});

test('a disk that is not there holds nothing up, is told, and is used as soon as it comes', async () => {
  const folder = join(data, 'not-mounted');
  writeFileSync(folder, 'a file where the folder should be');
  const made = await recordingRig(join(data, 'index'), clock, { folder, free: async () => 1e9 });
  rig = made;
  expect(made.faults).toEqual(['disk-failed']);
  await made.recording.record(REF, camera, false);
  await camera.play(2);
  expect(made.recording.info(REF)).toMatchObject({ state: 'failed', reason: 'disk-failed' });
  rmSync(folder);
  await waitFor('recording to be ready', async () => {
    await clock.advance(5000);
    return made.recording.info(REF)?.state !== 'failed';
  });
  await camera.play(3);
  expect(made.recording.info(REF)?.state).toBe('recording');
});
