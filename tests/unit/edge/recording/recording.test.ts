import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SegmentRecord } from '../../../../contract/footage.ts';
import { verifyChain } from '../../../../evidence/chain/chain.ts';
import { nodeDigests } from '../../../../evidence/digest-node.ts';
import { fragments } from '../../../../protocols/fmp4/parse-fragment.ts';
import { FakeStream } from '../../../support/edge/fake-stream.ts';
import { type RecordingRig, recordingRig } from '../../../support/edge/recording-rig.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { waitFor } from '../../../support/wait.ts';

const REF = { deviceId: 'cam', stream: 'main' as const };
let data = '';
let clock: FakeClock;
let rig: RecordingRig;
let camera: FakeStream;

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'recording-'));
  clock = new FakeClock();
  rig = await recordingRig(data, clock);
  camera = new FakeStream(clock);
});

afterEach(async () => {
  await rig.stop();
  rmSync(data, { recursive: true });
});

async function all(): Promise<{ record: SegmentRecord; path: string }[]> {
  return rig.store.between(REF, 0, 1e15);
}

/** Every file is what its record says, and the records form one chain. */
async function expectSound(): Promise<SegmentRecord[]> {
  const segments = await all();
  for (const { record, path } of segments) {
    const bytes = readFileSync(path);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(record.sha256);
    expect(bytes.length).toBe(record.bytes);
    const found = [...fragments(bytes)];
    expect(found.length).toBe(record.frames);
    expect(found[0]?.samples[0]?.key).toBe(true);
    expect(found.at(-1)?.end).toBe(bytes.length);
  }
  const records = segments.map(({ record }) => record);
  expect(verifyChain(nodeDigests, records)).toEqual({ ok: true });
  return records;
}

function filesOnDisk(): string[] {
  return readdirSync(rig.folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.mp4'));
}

describe('segments', () => {
  test('are cut at the first key frame after ten seconds, hashed and chained without a hole', async () => {
    await rig.recording.record(REF, camera, false);
    await camera.play(35);
    await rig.recording.stopRecording(REF);
    const records = await expectSound();
    expect(records.map(({ frames }) => frames)).toEqual([250, 250, 250, 125]);
    expect(records.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
    for (const [index, record] of records.slice(1).entries()) expect(record.startAtMs).toBe(records[index]?.endAtMs);
    expect(rig.gaps).toEqual([]);
  });

  test('a new init segment begins a new file, however short the one before is', async () => {
    await rig.recording.record(REF, camera, false);
    await camera.play(3);
    await camera.lose(0.2);
    await camera.play(3);
    await rig.recording.stopRecording(REF);
    expect((await expectSound()).map(({ frames }) => frames)).toEqual([75, 75]);
    expect(rig.gaps).toEqual([]);
  });

  test('the time of a segment does not follow frames that were held up on their way', async () => {
    const startMs = clock.nowMs();
    camera.delayMs = 900;
    await rig.recording.record(REF, camera, false);
    await camera.play(1);
    camera.delayMs = 20;
    await camera.play(14);
    await rig.recording.stopRecording(REF);
    const records = await expectSound();
    expect(records.map(({ startAtMs }) => startAtMs - startMs)).toEqual([20, 10_020]);
    expect(records[0]?.endAtMs).toBe(startMs + 10_020);
  });

  test('what is written is readable within a second, long before its segment ends', async () => {
    await rig.recording.record(REF, camera, false);
    await camera.play(2);
    const frames = await waitFor('1.4 s of frames on the disk', () => {
      const [file] = filesOnDisk();
      const found = file === undefined ? 0 : [...fragments(readFileSync(join(rig.folder, file)))].length;
      return found >= 35 ? found : null;
    });
    expect(frames).toBeLessThanOrEqual(50);
  });
});

describe('after a crash', () => {
  test('a half-written segment is cut behind its last whole frame and chained', async () => {
    await rig.recording.record(REF, camera, false);
    await camera.play(13);
    await waitFor('the first segment', async () => (await all()).length === 1);
    await waitFor('bytes written', () => rig.disk.queuedBytes === 0);
    await rig.crash();
    const half = filesOnDisk().sort()[1] ?? '';
    const path = join(rig.folder, half);
    const whole = readFileSync(path).length;
    truncateSync(path, whole - 77);
    rig = await recordingRig(data, clock);
    const records = await expectSound();
    expect(records).toHaveLength(2);
    expect(records[1]?.bytes).toBeLessThan(whole - 77);
    expect(records[1]?.frames).toBeGreaterThan(10);
    const length = (records[1]?.endAtMs ?? 0) - (records[1]?.startAtMs ?? 0);
    expect(length).toBe((records[1]?.frames ?? 0) * 40);
  });

  test('garbage and zeros behind the last frame, as a power cut leaves them, are cut off', async () => {
    await rig.recording.record(REF, camera, false);
    await camera.play(3);
    await waitFor('bytes written', () => rig.disk.queuedBytes === 0);
    await rig.crash();
    const path = join(rig.folder, filesOnDisk()[0] ?? '');
    appendFileSync(path, Buffer.alloc(8192));
    rig = await recordingRig(data, clock);
    const [record] = await expectSound();
    expect(record?.frames).toBeGreaterThan(50);
  });

  test('a file without one whole frame is removed, and recording goes on in the same chain', async () => {
    await rig.recording.record(REF, camera, false);
    await camera.play(11.2);
    await waitFor('the first segment', async () => (await all()).length === 1);
    await rig.crash();
    truncateSync(join(rig.folder, filesOnDisk().sort()[1] ?? ''), 300);
    rig = await recordingRig(data, clock);
    await clock.advance(5000);
    await rig.recording.record(REF, camera, true);
    await camera.play(12);
    await rig.recording.stopRecording(REF);
    const records = await expectSound();
    expect(records.map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
    expect(filesOnDisk()).toHaveLength(3);
  });

  test('the time until the next start is a gap caused by the edge, noted once', async () => {
    await rig.recording.record(REF, camera, false);
    await camera.play(5);
    const stoppedAtMs = clock.nowMs();
    await rig.recording.stopRecording(REF);
    await rig.stop();
    await clock.advance(60_000);
    rig = await recordingRig(data, clock);
    await rig.recording.record(REF, camera, true);
    await clock.advance(20_000);
    await rig.stop();
    rig = await recordingRig(data, clock);
    await rig.recording.record(REF, camera, true);
    await camera.play(2);
    await waitFor('the gaps in the ledger', async () => (await rig.store.gaps(REF, 0, 1e15)).length === 2);
    expect(await rig.store.gaps(REF, 0, 1e15)).toEqual([
      { fromMs: stoppedAtMs, toMs: stoppedAtMs + 60_000, cause: 'edge-stopped' },
      { fromMs: stoppedAtMs + 60_000, toMs: stoppedAtMs + 80_000, cause: 'camera-lost' },
    ]);
  });

  test('an index restored from a backup takes in what it does not know', async () => {
    await rig.recording.record(REF, camera, false);
    await camera.play(25);
    await rig.recording.stopRecording(REF);
    const before = await expectSound();
    await rig.stop();
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(data, `recording.sqlite${suffix}`), { force: true });
    rig = await recordingRig(data, clock);
    expect(await expectSound()).toEqual(before);
  });
});

describe('gaps', () => {
  test('connecting takes a moment: no gap for a new camera, part of the stop for one that was recorded before', async () => {
    await rig.recording.record(REF, camera, false);
    await clock.advance(4000);
    await camera.play(4);
    expect(rig.gaps).toEqual([]);
    const stoppedAtMs = clock.nowMs();
    await rig.stop();
    await clock.advance(30_000);
    rig = await recordingRig(data, clock);
    await rig.recording.record(REF, camera, true);
    await clock.advance(4000);
    await camera.play(2);
    expect(rig.gaps).toEqual([{ fromMs: stoppedAtMs, toMs: stoppedAtMs + 34_000, cause: 'edge-stopped' }]);
  });

  test('a lost camera is a gap with its cause, in the ledger and reported', async () => {
    await rig.recording.record(REF, camera, false);
    await camera.play(4);
    const lostAtMs = clock.nowMs();
    await camera.lose(30, 'refused-credentials');
    await camera.play(4);
    const gap = { fromMs: lostAtMs, toMs: lostAtMs + 30_000, cause: 'refused-credentials' };
    expect(rig.gaps).toEqual([gap]);
    await waitFor('the ledger', async () => (await rig.store.gaps(REF, 0, 1e15)).length === 1);
    const timeline = await rig.recording.timeline(REF, lostAtMs - 2000, lostAtMs + 31_000);
    expect(timeline.gaps).toEqual([gap]);
    expect(timeline.ranges).toEqual([
      { fromMs: lostAtMs - 2000, toMs: lostAtMs },
      { fromMs: lostAtMs + 30_000, toMs: lostAtMs + 31_000 },
    ]);
  });

  test('a gap that is still open is in the timeline', async () => {
    await rig.recording.record(REF, camera, false);
    await camera.play(4);
    const lostAtMs = clock.nowMs();
    const lost = camera.lose(60);
    await clock.advance(20_000);
    const timeline = await rig.recording.timeline(REF, lostAtMs, lostAtMs + 10_000);
    expect(timeline.gaps).toEqual([{ fromMs: lostAtMs, toMs: lostAtMs + 10_000, cause: 'camera-lost' }]);
    await clock.advance(60_000);
    await lost;
  });

  test('a wall clock set forward begins a new segment and is named as the cause', async () => {
    await rig.recording.record(REF, camera, false);
    await camera.play(4);
    clock.jump(3_600_000);
    await camera.play(4);
    await rig.recording.stopRecording(REF);
    expect((await expectSound()).map(({ frames }) => frames)).toEqual([100, 100]);
    expect(rig.gaps.map(({ cause }) => cause)).toEqual(['clock-step']);
  });
});

describe('asking for footage', () => {
  test('an interval that reaches into the open segment finishes it at its next key frame, losing nothing', async () => {
    await rig.recording.record(REF, camera, false);
    await camera.play(14.5);
    const nowMs = clock.nowMs();
    const asked = rig.recording.segmentsBetween(REF, nowMs - 3000, nowMs);
    await camera.play(2);
    const segments = await asked;
    expect(segments.map(({ record }) => record.sequence)).toEqual([1]);
    expect(segments[0]?.record.endAtMs).toBeGreaterThanOrEqual(nowMs);
    await camera.play(3);
    await rig.recording.stopRecording(REF);
    const records = await expectSound();
    expect(records.reduce((sum, { frames }) => sum + frames, 0)).toBe(Math.round(19.5 * 25));
  });

  test('an interval that ends before the open segment leaves it alone', async () => {
    await rig.recording.record(REF, camera, false);
    const startMs = clock.nowMs();
    await camera.play(14);
    await waitFor('the first segment', async () => (await all()).length === 1);
    const segments = await rig.recording.segmentsBetween(REF, startMs, startMs + 5000);
    expect(segments).toHaveLength(1);
    expect(rig.recording.info(REF)?.state).toBe('recording');
  });
});

test('the oldest footage goes when the quota is reached, with its files', async () => {
  await rig.stop();
  camera.frameBytes = 4000;
  rig = await recordingRig(data, clock, { config: { quotaBytes: 3_500_000 } });
  await rig.recording.record(REF, camera, false);
  await camera.play(60);
  await rig.recording.stopRecording(REF);
  await waitFor('retention', async () => {
    await clock.advance(5000);
    return filesOnDisk().length <= 4 && rig.store.totalBytes <= 3_500_000;
  });
  const records = await expectSound();
  expect(records[0]?.sequence).toBeGreaterThan(0);
  expect(rig.store.totalBytes).toBeLessThanOrEqual(3_500_000);
  expect(records.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(rig.store.totalBytes);
});
