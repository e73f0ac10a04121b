import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SharpEyesError } from '../../contract/errors.ts';
import { nodeDigests } from '../../evidence/digest-node.ts';
import { openFileSource } from '../../evidence/package/file-source-node.ts';
import { verifyPackage } from '../../evidence/package/verify.ts';
import type { FootageOrder } from '../../hub/footage/footage-jobs.ts';
import type { FootageSource } from '../../hub/footage/ports.ts';
import { openSigningKey } from '../../hub/footage/signing-key.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { footageHub, localSource } from '../support/footage-hub.ts';
import { recordSegments } from '../support/recorded-segments.ts';
import { waitFor } from '../support/wait.ts';

const root = mkdtempSync(join(tmpdir(), 'jobs-'));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
const newFolder = (): string => join(root, String(++folders));

const START = Date.UTC(2026, 4, 1, 8);
const recordings = new Map([['cam-1', recordSegments({ startAtMs: START, segments: 4 })]]);
const order: FootageOrder = {
  kind: 'export',
  incidentId: null,
  caseNumber: 'A-1',
  purpose: 'a test',
  requestedBy: 'officer',
  fromMs: START + 1000,
  toMs: START + 9000,
  cameras: [{ deviceId: 'cam-1', name: 'Gate', stream: 'main' }],
};

/** A source that waits until it is let go, or aborted. */
function heldSource(inner: FootageSource): FootageSource & { started: number; letGo(): void } {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const held = {
    started: 0,
    letGo: () => open(),
    fetch: async (...[range, onProgress, signal]: Parameters<FootageSource['fetch']>) => {
      held.started++;
      const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      await Promise.race([gate, aborted]);
      return inner.fetch(range, onProgress, signal);
    },
  };
  return held;
}

describe('footage jobs', () => {
  it('tell their progress from waiting to done, never backwards, and leave nothing but the file', async () => {
    const folder = newFolder();
    const hub = await footageHub(folder, localSource(join(folder, 'in'), recordings));
    const job = await hub.jobs.order(order);
    expect(job).toMatchObject({ phase: 'waiting', progress: 0 });
    expect(await hub.finished(job.jobId)).toMatchObject({ phase: 'done', bytesDone: expect.any(Number), gaps: [] });
    const told = hub.changes.map((change) => change.phase);
    expect(told.filter((phase, at) => phase !== told[at - 1])).toEqual([
      'waiting',
      'fetching',
      'building',
      'sealing',
      'done',
    ]);
    const progress = hub.changes.map((change) => change.progress);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(progress.at(-1)).toBe(1);
    await waitFor('the working folder to go', () => !existsSync(join(folder, 'jobs', job.jobId, 'work')));
    expect(readdirSync(join(folder, 'jobs', job.jobId)).sort()).toEqual(['job.json', 'package.zip']);
    expect(readdirSync(join(folder, 'in'))).toEqual([]);
    await hub.jobs.stop();
  });

  it('fail with a reason when nothing was recorded or the edge is away', async () => {
    const folder = newFolder();
    const hub = await footageHub(folder, localSource(join(folder, 'in'), new Map()));
    const missing = await hub.jobs.order(order);
    expect(await hub.finished(missing.jobId)).toMatchObject({ phase: 'failed', error: { code: 'FOOTAGE_MISSING' } });
    expect(hub.jobs.filePath(missing.jobId)).toBeNull();
    await hub.jobs.stop();

    const away: FootageSource = {
      fetch: () => Promise.reject(new SharpEyesError('EDGE_OFFLINE', 'edge-1 is not connected')),
    };
    const other = await footageHub(newFolder(), away);
    const job = await other.jobs.order(order);
    expect(await other.finished(job.jobId)).toMatchObject({
      phase: 'failed',
      error: { code: 'EDGE_OFFLINE', message: 'edge-1 is not connected' },
    });
    await other.jobs.stop();
  });

  it('fail with a reason when the footage is damaged', async () => {
    const folder = newFolder();
    const source = localSource(join(folder, 'in'), recordings);
    const damaging: FootageSource = {
      async fetch(...asked) {
        const fetched = await source.fetch(...asked);
        writeFileSync(fetched.segments[1]?.path ?? '', 'not a film');
        return fetched;
      },
    };
    const hub = await footageHub(folder, damaging);
    const job = await hub.jobs.order(order);
    expect(await hub.finished(job.jobId)).toMatchObject({ phase: 'failed', error: { code: 'MEDIA_MALFORMED' } });
    expect(readdirSync(join(folder, 'in'))).toEqual([]);
    await hub.jobs.stop();
  });

  it('run no more than two at a time, and wait beyond that up to a limit', async () => {
    const folder = newFolder();
    const source = heldSource(localSource(join(folder, 'in'), recordings));
    const limits = { unfinished: 4 };
    const hub = await footageHub(folder, source, { limits });
    const ids: string[] = [];
    for (let i = 0; i < 4; i++) ids.push((await hub.jobs.order(order)).jobId);
    await expect(hub.jobs.order(order)).rejects.toMatchObject({ code: 'LIMIT_REACHED' });
    await waitFor('two jobs to run', () => source.started === 2);
    expect(ids.map((id) => hub.jobs.get(id)?.phase)).toEqual(['fetching', 'fetching', 'waiting', 'waiting']);
    source.letGo();
    for (const id of ids) expect(await hub.finished(id)).toMatchObject({ phase: 'done' });
    expect(hub.jobs.list().map((job) => job.jobId)).toEqual(ids.toReversed());
    await hub.jobs.stop();
  });

  it('can be cancelled while they run and afterwards, and are gone then', async () => {
    const folder = newFolder();
    const source = heldSource(localSource(join(folder, 'in'), recordings));
    const hub = await footageHub(folder, source);
    const running = await hub.jobs.order(order);
    await waitFor('the job to run', () => source.started === 1);
    expect(await hub.jobs.cancel(running.jobId)).toBe(true);
    expect(hub.jobs.get(running.jobId)).toBeNull();
    expect(readdirSync(join(folder, 'jobs'))).toEqual([]);
    expect(await hub.jobs.cancel(running.jobId)).toBe(false);
    source.letGo();
    const done = await hub.jobs.order(order);
    await hub.finished(done.jobId);
    await hub.jobs.cancel(done.jobId);
    expect(readdirSync(join(folder, 'jobs'))).toEqual([]);
    await hub.jobs.stop();
  });

  it('begin anew after a restart, and finished ones are still there', async () => {
    const folder = newFolder();
    const inner = localSource(join(folder, 'in'), recordings);
    const first = await footageHub(folder, inner);
    const done = await first.jobs.order(order);
    await first.finished(done.jobId);
    await first.jobs.stop();

    const held = heldSource(inner);
    let count = 10;
    const second = await footageHub(folder, held, { newId: () => `job-${++count}` });
    const interrupted = await second.jobs.order(order);
    await waitFor('the job to run', () => held.started === 1);
    await second.jobs.stop();

    const third = await footageHub(folder, inner);
    expect(await third.finished(interrupted.jobId)).toMatchObject({ phase: 'done' });
    const path = third.jobs.filePath(done.jobId) ?? '';
    const source = await openFileSource(path);
    expect(await verifyPackage(nodeDigests, source, { trust: third.fingerprint })).toMatchObject({
      state: 'intact',
      signer: 'trusted',
    });
    await source.close();
    await third.jobs.stop();
  });

  it('are given up when the hub died three times over them', async () => {
    const folder = newFolder();
    const inner = localSource(join(folder, 'in'), recordings);
    const hub = await footageHub(folder, heldSource(inner));
    const { jobId } = await hub.jobs.order(order);
    await hub.jobs.stop();
    const job = hub.jobs.get(jobId);
    const file = join(folder, 'jobs', jobId, 'job.json');
    writeFileSync(file, JSON.stringify({ job: { ...job, phase: 'building' }, attempts: 3 }));
    const next = await footageHub(folder, inner);
    expect(await next.finished(jobId)).toMatchObject({ phase: 'failed', error: { message: /stopped three times/ } });
    await next.jobs.stop();
  });

  it('pass over folders that hold no readable job', async () => {
    const folder = newFolder();
    const hub = await footageHub(folder, localSource(join(folder, 'in'), recordings));
    const { jobId } = await hub.jobs.order(order);
    await hub.finished(jobId);
    await hub.jobs.stop();
    writeFileSync(join(folder, 'jobs', jobId, 'job.json'), '{"job":{"jobId":"');
    const next = await footageHub(folder, localSource(join(folder, 'in'), recordings));
    expect(next.jobs.list()).toEqual([]);
    await next.jobs.stop();
  });

  it('are removed with their files when their time is over', async () => {
    const folder = newFolder();
    const clock = new FakeClock();
    const hub = await footageHub(folder, localSource(join(folder, 'in'), recordings), { clock });
    const look = await hub.jobs.order({ ...order, kind: 'look', caseNumber: null });
    const kept = await hub.jobs.order(order);
    await hub.finished(look.jobId);
    await hub.finished(kept.jobId);
    await clock.advance(25 * 3_600_000);
    await waitFor('the look to go', () => !existsSync(join(folder, 'jobs', look.jobId)));
    expect(hub.jobs.list().map((job) => job.jobId)).toEqual([kept.jobId]);
    await hub.jobs.stop();
    expect(clock.timers).toBe(0);
  });

  it('refuse an interval that ends before it begins', async () => {
    const hub = await footageHub(newFolder(), localSource(newFolder(), recordings));
    await expect(hub.jobs.order({ ...order, toMs: order.fromMs })).rejects.toMatchObject({ code: 'INVALID_BODY' });
    await hub.jobs.stop();
  });
});

describe('the signing key', () => {
  it('is made once, readable by its owner only, and stays the same', async () => {
    const folder = newFolder();
    const first = await openSigningKey(folder);
    expect(statSync(join(folder, 'evidence.pem')).mode & 0o777).toBe(0o600);
    expect(first.fingerprint).toMatch(/^([0-9A-F]{4} ){15}[0-9A-F]{4}$/);
    expect((await openSigningKey(folder)).fingerprint).toBe(first.fingerprint);
  });

  it('is never replaced when it cannot be read', async () => {
    const folder = newFolder();
    await openSigningKey(folder);
    writeFileSync(join(folder, 'evidence.pem'), 'damaged');
    await expect(openSigningKey(folder)).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  });
});
