import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runVerify, type VerifyArguments } from '../../cli/verify.ts';
import type { FootageOrder } from '../../hub/footage/footage-jobs.ts';
import { filmSegments, hasFfmpeg, probe } from '../support/ffmpeg-segments.ts';
import { footageHub, localSource } from '../support/footage-hub.ts';
import { storedFiles } from '../support/stored-zip.ts';

const folder = mkdtempSync(join(tmpdir(), 'export-'));
afterAll(() => rmSync(folder, { recursive: true }));

const START = Date.UTC(2026, 4, 1, 8);

async function verify(asked: VerifyArguments): Promise<{ code: number; verdict: Record<string, unknown> }> {
  const lines: string[] = [];
  const code = await runVerify(
    { ...asked, json: true },
    { out: (line) => lines.push(line), err: (line) => lines.push(line) },
  );
  return { code, verdict: JSON.parse(lines.join('\n')) };
}

function order(change: Partial<FootageOrder>): FootageOrder {
  return {
    kind: 'export',
    incidentId: null,
    caseNumber: '2026/0501-17',
    purpose: '盗窃案调查',
    requestedBy: 'officer.li',
    fromMs: START + 5000,
    toMs: START + 15_000,
    cameras: [
      { deviceId: 'cam-1', name: '村口 东', stream: 'main' },
      { deviceId: 'cam-2', name: 'Gate/2', stream: 'main' },
    ],
    ...change,
  };
}

describe.skipIf(!hasFfmpeg)('footage of two cameras, one with a hole', () => {
  const whole = filmSegments({ startAtMs: START, seconds: 20 });
  const other = filmSegments({ deviceId: 'cam-2', startAtMs: START, seconds: 20, gopSeconds: 1, fps: 20 });
  // The third segment, 8 s to 12 s, is gone.
  const holed = other.filter(({ record }) => record.sequence !== 2);
  const recordings = new Map([
    ['cam-1', whole],
    ['cam-2', holed],
  ]);
  const gap = { fromMs: START + 8000, toMs: START + 12_000, cause: 'camera-lost' as const };

  it('becomes a package that verifies, opens and plays, frame for frame', async () => {
    const hub = await footageHub(join(folder, 'a'), localSource(join(folder, 'a', 'in'), recordings, [gap]));
    const { jobId } = await hub.jobs.order(order({}));
    const job = await hub.finished(jobId);
    expect(job).toMatchObject({ phase: 'done', progress: 1, error: null, gaps: [{ deviceId: 'cam-2', ...gap }] });
    expect(job.fileName).toMatch(/^evidence-2026-0501-17-\d{8}T\d{6}\.zip$/);
    const path = hub.jobs.filePath(jobId) ?? '';
    expect(readFileSync(path).length).toBe(job.fileBytes);

    const { code, verdict } = await verify({ file: path, trust: hub.fingerprint });
    expect(code).toBe(0);
    expect(verdict).toMatchObject({
      state: 'intact',
      signer: 'trusted',
      manifest: {
        order: { caseNumber: '2026/0501-17', requestedBy: 'officer.li', purpose: '盗窃案调查' },
        cameras: [
          {
            deviceId: 'cam-1',
            asked: {
              edgeFromMs: START + 5000,
              edgeToMs: START + 15_000,
              hubFromMs: START + 4960,
              hubToMs: START + 14_960,
            },
            // The key frame at or before the mark is the one at 4 s.
            actual: { edgeFromMs: START + 4000, edgeToMs: START + 15_000 },
            clock: { edgeMinusHubMs: 40, deviceMinusEdgeMs: -1200 },
            gaps: [],
            chainFault: null,
          },
          { deviceId: 'cam-2', gaps: [gap], chainFault: { fault: 'sequence-broken' } },
        ],
      },
      chains: [
        { deviceId: 'cam-1', segments: 3, proven: 2, fault: null },
        { deviceId: 'cam-2', segments: 2, proven: 0, fault: { sequence: 3, fault: 'sequence-broken' } },
      ],
    });

    const files = storedFiles(readFileSync(path));
    const films = [
      ['01-村口-东.mp4', 275, 11],
      ['02-Gate-2.mp4', 60, 3],
      ['02-Gate-2-part2.mp4', 60, 3],
    ] as const;
    for (const [name, frames, seconds] of films) {
      const target = join(folder, name);
      writeFileSync(target, files.get(`originals/${name}`) ?? '');
      const film = probe(target);
      expect(film, name).toEqual({ frames, durationS: seconds, startS: 0, errors: '' });
    }
    await hub.jobs.stop();
  });

  it('names the film and the second when one bit of it is changed', async () => {
    const hub = await footageHub(join(folder, 'b'), localSource(join(folder, 'b', 'in'), recordings));
    const { jobId } = await hub.jobs.order(order({}));
    await hub.finished(jobId);
    const bytes = readFileSync(hub.jobs.filePath(jobId) ?? '');
    // Inside the data of a frame between 3 s and 4 s of the second film.
    const { verdict } = await verify({ file: hub.jobs.filePath(jobId) ?? '' });
    const { manifest } = verdict as { manifest: { cameras: { parts: { marks: { offset: number }[] }[] }[] } };
    const mark = manifest.cameras[0]?.parts[0]?.marks[3]?.offset ?? 0;
    const film = storedFiles(bytes).get('originals/01-村口-东.mp4');
    const at = (film?.byteOffset ?? 0) - bytes.byteOffset + mark + 400;
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    const changed = join(folder, 'changed.zip');
    writeFileSync(changed, bytes);
    const result = await verify({ file: changed });
    expect(result.code).toBe(1);
    expect(result.verdict['problems']).toEqual([
      {
        file: 'originals/01-村口-东.mp4',
        code: 'content-changed',
        footage: [{ edgeFromMs: START + 7000, edgeToMs: START + 8000, filmFromMs: 3000, filmToMs: 4000 }],
      },
    ]);
    expect(result.verdict['chains']).toMatchObject([{ fault: { sequence: 1, fault: 'segment-differs' } }, {}]);
    await hub.jobs.stop();
  });

  it('gives a clip for a look that begins at a key frame and stands still over the hole', async () => {
    const hub = await footageHub(join(folder, 'c'), localSource(join(folder, 'c', 'in'), recordings, [gap]));
    const cameras = [{ deviceId: 'cam-2', name: 'Gate/2', stream: 'main' as const }];
    const { jobId } = await hub.jobs.order(order({ kind: 'look', caseNumber: null, cameras }));
    const job = await hub.finished(jobId);
    expect(job).toMatchObject({
      phase: 'done',
      clipStartAtMs: START + 5000,
      fileName: expect.stringMatching(/^Gate-2-20260501T080005\.mp4$/),
      gaps: [{ deviceId: 'cam-2', ...gap }],
    });
    expect(probe(hub.jobs.filePath(jobId) ?? '')).toEqual({ frames: 120, durationS: 10, startS: 0, errors: '' });
    await hub.jobs.stop();
  });
});
