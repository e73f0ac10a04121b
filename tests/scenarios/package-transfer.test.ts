import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runVerify } from '../../cli/verify.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { RecordingGap } from '../../contract/footage.ts';
import type { SegmentFile } from '../../edge/upload/segment-file.ts';
import { type UploadOrder, uploadSegments } from '../../edge/upload/upload-segments.ts';
import type { Access } from '../../hub/access/access.ts';
import { createApp } from '../../hub/api/app.ts';
import { type EdgeCommands, EdgeFootageSource } from '../../hub/footage/edge-source.ts';
import { FootageThread } from '../../hub/footage/footage-thread.ts';
import { mountUploads } from '../../hub/footage/mount-uploads.ts';
import { SegmentUploads, UPLOAD_PATH } from '../../hub/footage/segment-uploads.ts';
import { type CertificateAndKey, createAuthority, createServerCertificate } from '../../hub/identity/certificates.ts';
import { systemClock } from '../../platform/clock.ts';
import { silentLog } from '../../platform/log.ts';
import { type CuttingProxy, cuttingProxy } from '../support/cutting-proxy.ts';
import { footageHub } from '../support/footage-hub.ts';
import { linked, recordSegments, saveSegments } from '../support/recorded-segments.ts';
import { waitFor } from '../support/wait.ts';

const root = mkdtempSync(join(tmpdir(), 'transfer-'));
const START = Date.UTC(2026, 4, 1, 8);
const SECRETS = new Map([
  ['edge-1', 'first'],
  ['edge-2', 'second'],
]);
const QUICK = { retryDelaysMs: [20, 20, 20, 50, 50, 100, 100, 200] };
const folder = join(root, 'uploads');
const thread = new FootageThread();
const authorization = (edgeId: string): string =>
  `Basic ${Buffer.from(`${edgeId}:${SECRETS.get(edgeId) ?? 'wrong'}`).toString('base64')}`;

let authority: CertificateAndKey;
let app: FastifyInstance;
let port = 0;
let uploads: SegmentUploads;
let proxy: CuttingProxy | null = null;

beforeAll(async () => {
  const now = Date.now();
  authority = await createAuthority('Test', now);
  const limits = { segmentBytes: 3_000_000, requestBytes: 12_000_000, reserveBytes: 0 };
  const hashFile = (path: string): Promise<string> => thread.run('hash', { path });
  uploads = new SegmentUploads({ folder, hashFile, clock: systemClock, log: silentLog, limits });
  await uploads.start();
  app = await createApp({
    tls: await createServerCertificate(authority, ['127.0.0.1'], now),
    livePort: () => 0,
    limits: { connections: 100, requestsPerMinute: 10, bodyBytes: 1000 },
    log: silentLog,
    access: {} as Access,
    isAuthenticEdge: async (edgeId, secret) => SECRETS.get(edgeId) === secret,
  });
  await mountUploads(app, uploads);
  await app.listen({ host: '127.0.0.1', port: 0 });
  port = (app.server.address() as AddressInfo).port;
});

afterEach(async () => {
  await proxy?.stop();
  proxy = null;
});

afterAll(async () => {
  await app.close();
  await uploads.stop();
  await thread.stop();
  rmSync(root, { recursive: true });
});

let folders = 0;

/** Segments of 2 MB on the edge's disk. */
function edgeDisk(count = 3): SegmentFile[] {
  const own = join(root, `edge-${++folders}`);
  mkdirSync(own);
  return saveSegments(own, recordSegments({ startAtMs: START, segments: count, sampleBytes: 20_000 }));
}

function upload(segments: readonly SegmentFile[], requestId: string, change: Partial<UploadOrder> = {}) {
  return uploadSegments({
    endpoint: `https://127.0.0.1:${proxy?.port ?? port}${UPLOAD_PATH}`,
    hub: { authorization: authorization('edge-1'), caPem: authority.cert },
    requestId,
    segments,
    signal: new AbortController().signal,
    ...QUICK,
    ...change,
  });
}

/** What was released is removed, also what was just arriving. */
async function emptied(): Promise<void> {
  await waitFor('the uploads to be removed', () => readdirSync(folder).length === 0);
}

describe('uploads of recorded segments', () => {
  it('arrive over TLS with a private authority, checked against their hashes', async () => {
    const segments = edgeDisk();
    const expected = uploads.expect('req-1', 'edge-1');
    const told: number[] = [];
    const outcome = await upload(segments, 'req-1', { onProgress: ({ bytesDone }) => told.push(bytesDone) });
    expect(outcome).toEqual({ uploaded: 3, damaged: [] });
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.at(-1)).toBe(segments.reduce((sum, { record }) => sum + record.bytes, 0));
    for (const { path, record } of segments) {
      const arrival = expected.arrivalOf(record);
      if (arrival === undefined || arrival === 'damaged') throw new Error(`segment ${record.sequence} did not arrive`);
      expect(readFileSync(arrival.path).equals(readFileSync(path))).toBe(true);
    }
    await expected.release();
    await emptied();
  });

  it('go on where they were when the line breaks, again and again', async () => {
    const segments = edgeDisk();
    const total = segments.reduce((sum, { record }) => sum + record.bytes, 0);
    proxy = await cuttingProxy(port, [900_000, 700_000, 5_000, 1_200_000, 600_000]);
    const expected = uploads.expect('req-2', 'edge-1');
    expect(await upload(segments, 'req-2')).toEqual({ uploaded: 3, damaged: [] });
    expect(proxy.cuts).toBeGreaterThanOrEqual(3);
    expect(expected.receivedBytes).toBe(total);
    // Begun anew after each cut they would need some 3 MB more.
    expect(proxy.bytesForward).toBeLessThan(total * 1.25);
    await expected.release();
  });

  it('tell at once of segments that are damaged, cut off or gone on the edge', async () => {
    const segments = edgeDisk(4);
    const [first, second, third] = segments;
    if (first === undefined || second === undefined || third === undefined) throw new Error('no segments');
    const bytes = readFileSync(first.path);
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    writeFileSync(first.path, bytes);
    writeFileSync(second.path, bytes.subarray(0, 5000));
    rmSync(third.path);
    const expected = uploads.expect('req-3', 'edge-1');
    const outcome = await upload(segments, 'req-3');
    expect(outcome.uploaded).toBe(1);
    expect(outcome.damaged.toSorted()).toEqual([0, 1, 2]);
    expect(segments.map(({ record }) => expected.arrivalOf(record) === 'damaged')).toEqual([true, true, true, false]);
    await expected.release();
  });

  it('are refused when nobody asked, when another edge was asked, and without the credential', async () => {
    const segments = edgeDisk(1);
    await expect(upload(segments, 'req-unknown')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const expected = uploads.expect('req-4', 'edge-2');
    await expect(upload(segments, 'req-4')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const stranger = { authorization: authorization('edge-3'), caPem: authority.cert };
    await expect(upload(segments, 'req-4', { hub: stranger })).rejects.toMatchObject({ code: 'NOT_SIGNED_IN' });
    await emptied();
    await expected.release();
  });

  it('are refused over the limits of a segment and of a request', async () => {
    const own = join(root, 'large');
    mkdirSync(own);
    const facts = { deviceId: 'cam-1', stream: 'main' as const, sequence: 0, startAtMs: 0, endAtMs: 1, frames: 1 };
    const large = saveSegments(own, [linked([], facts, new Uint8Array(3_000_001))]);
    const expected = uploads.expect('req-5', 'edge-1');
    await expect(upload(large, 'req-5')).rejects.toMatchObject({ code: 'LIMIT_REACHED' });
    await expect(upload(edgeDisk(7), 'req-5')).rejects.toMatchObject({ code: 'LIMIT_REACHED' });
    await expected.release();
    await emptied();
  });

  it('cannot be read, continued or removed by another edge', async () => {
    const expected = uploads.expect('req-6', 'edge-1');
    const metadata = { requestId: 'req-6', deviceId: 'cam-1', stream: 'main', sequence: '0', sha256: '0'.repeat(64) };
    const encoded = Object.entries(metadata).map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`);
    const tus = { 'tus-resumable': '1.0.0' };
    const created = await app.inject({
      method: 'POST',
      url: UPLOAD_PATH,
      headers: {
        ...tus,
        authorization: authorization('edge-1'),
        'upload-length': '10',
        'upload-metadata': encoded.join(),
      },
    });
    expect(created.statusCode).toBe(201);
    const url = String(created.headers['location']);
    for (const method of ['HEAD', 'DELETE'] as const) {
      const headers = { ...tus, authorization: authorization('edge-2') };
      expect((await app.inject({ method, url, headers })).statusCode).toBe(404);
    }
    const own = { ...tus, authorization: authorization('edge-1') };
    expect((await app.inject({ method: 'GET', url, headers: own })).statusCode).toBe(404);
    expect((await app.inject({ method: 'HEAD', url, headers: own })).statusCode).toBe(200);
    expect((await app.inject({ method: 'HEAD', url, headers: tus })).statusCode).toBe(401);
    const climbing = { method: 'HEAD', url: `${UPLOAD_PATH}/..%2f..%2fkeys%2fevidence.pem`, headers: own } as const;
    expect((await app.inject(climbing)).statusCode).toBe(404);
    await expected.release();
  });

  it('stop when they are cancelled, and when the hub does not want them any more', async () => {
    const abort = new AbortController();
    const expected = uploads.expect('req-7', 'edge-1');
    const pace = async (): Promise<void> => {
      if (expected.announcedBytes > 2_100_000) abort.abort(new Error('enough'));
    };
    await expect(upload(edgeDisk(), 'req-7', { signal: abort.signal, pace })).rejects.toThrow('enough');
    const release = async (): Promise<void> => expected.release();
    await expect(upload(edgeDisk(), 'req-7', { pace: release })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await emptied();
  });

  it('give up when the hub stays out of reach, and do not trust another authority', async () => {
    const segments = edgeDisk(1);
    const nowhere = { endpoint: `https://127.0.0.1:1${UPLOAD_PATH}`, retryDelaysMs: [1, 1] };
    await expect(upload(segments, 'req-8', nowhere)).rejects.toMatchObject({ code: 'EDGE_OFFLINE' });
    const other = { authorization: authorization('edge-1'), caPem: (await createAuthority('Other', Date.now())).cert };
    const refused = upload(segments, 'req-8', { hub: other, retryDelaysMs: [1, 1] });
    await expect(refused).rejects.toMatchObject({ code: 'EDGE_OFFLINE' });
  });
});

describe('footage from an edge', () => {
  /** An edge that answers `footage.fetch` and uploads, some time after its answer. */
  function edge(segments: readonly SegmentFile[], gaps: RecordingGap[] = []): EdgeCommands {
    const orders = {
      async send(edgeId: string, name: string, params: { requestId: string; fromMs: number; toMs: number }) {
        expect([edgeId, name]).toEqual(['edge-1', 'footage.fetch']);
        const wanted = segments.filter(
          ({ record }) => record.endAtMs > params.fromMs && record.startAtMs < params.toMs,
        );
        setImmediate(() => upload(wanted, params.requestId).catch(() => undefined));
        return { segments: wanted.map(({ record }) => record), gaps };
      },
    };
    return orders as unknown as EdgeCommands;
  }

  function source(commands: EdgeCommands, stallTimeoutMs = 20_000, stallsMax = 3): EdgeFootageSource {
    let count = 0;
    const newId = (): string => `fetch-${++folders}-${++count}`;
    return new EdgeFootageSource({
      commands,
      uploads,
      edgeOf: async () => 'edge-1',
      newId,
      stallTimeoutMs,
      stallsMax,
    });
  }

  const order = {
    kind: 'export' as const,
    incidentId: null,
    caseNumber: 'A-1',
    purpose: 'a test',
    requestedBy: 'officer',
    fromMs: START + 3000,
    toMs: START + 14_000,
    cameras: [{ deviceId: 'cam-1', name: 'Gate', stream: 'main' as const }],
  };

  it('becomes a package that verifies, over a line that breaks', async () => {
    proxy = await cuttingProxy(port, [1_000_000, 500_000, 1_500_000]);
    const hub = await footageHub(join(root, 'hub-a'), source(edge(edgeDisk(4))));
    const { jobId } = await hub.jobs.order(order);
    expect(await hub.finished(jobId)).toMatchObject({ phase: 'done', error: null, gaps: [] });
    const lines: string[] = [];
    const io = { out: (line: string) => lines.push(line), err: (line: string) => lines.push(line) };
    const code = await runVerify({ file: hub.jobs.filePath(jobId) ?? '', trust: hub.fingerprint, json: true }, io);
    expect(code).toBe(0);
    expect(JSON.parse(lines.join('\n'))).toMatchObject({
      chains: [{ segments: 4, proven: 2, fault: null }],
      manifest: { cameras: [{ actual: { edgeFromMs: START + 2000, edgeToMs: START + 14_000 } }] },
    });
    await emptied();
    await hub.jobs.stop();
  });

  it('names a segment that the edge cannot read as a gap, and packs the rest', async () => {
    const segments = edgeDisk(4);
    writeFileSync(segments[1]?.path ?? '', 'overwritten');
    const hub = await footageHub(join(root, 'hub-b'), source(edge(segments)));
    const { jobId } = await hub.jobs.order(order);
    expect(await hub.finished(jobId)).toMatchObject({
      phase: 'done',
      gaps: [{ deviceId: 'cam-1', fromMs: START + 4000, toMs: START + 8000, cause: 'disk-failed' }],
    });
    await hub.jobs.stop();
  });

  it('is asked for again where it stopped, when the edge was restarted or away meanwhile', async () => {
    const segments = edgeDisk(4);
    const asked: number[] = [];
    const send = (wanted: SegmentFile[], requestId: string): void => {
      setImmediate(() => upload(wanted, requestId).catch(() => undefined));
    };
    let isAway = true;
    const forgetful = {
      async send(_edge: string, _name: string, params: { requestId: string; fromMs: number; toMs: number }) {
        if (asked.length === 0) send(segments.slice(0, 2), params.requestId);
        asked.push(params.fromMs - START);
        if (asked.at(-1) === 8000) {
          if (isAway) {
            isAway = false;
            throw new SharpEyesError('EDGE_OFFLINE', 'edge-1 is not connected');
          }
          send(segments.slice(2), params.requestId);
        }
        return { segments: segments.map(({ record }) => record), gaps: [] };
      },
    } as unknown as EdgeCommands;
    const hub = await footageHub(join(root, 'hub-d'), source(forgetful, 1000, 30));
    const { jobId } = await hub.jobs.order(order);
    expect(await hub.finished(jobId)).toMatchObject({ phase: 'done', error: null, gaps: [] });
    expect(asked[0]).toBe(3000);
    // Only what was missing is asked for again, and once more after the edge was away.
    expect(asked.filter((fromMs) => fromMs === 8000).length).toBeGreaterThanOrEqual(2);
    await hub.jobs.stop();
  });

  it('fails with a reason when the edge promises and does not deliver', async () => {
    const segments = edgeDisk(2);
    const silent = {
      send: async () => ({ segments: segments.map(({ record }) => record), gaps: [] }),
    } as unknown as EdgeCommands;
    const hub = await footageHub(join(root, 'hub-c'), source(silent, 50));
    const { jobId } = await hub.jobs.order(order);
    expect(await hub.finished(jobId)).toMatchObject({ phase: 'failed', error: { code: 'TIMEOUT' } });
    await hub.jobs.stop();
  });

  it('is given up at once when the order is cancelled', async () => {
    const abort = new AbortController();
    const never = { send: () => new Promise(() => undefined) } as unknown as EdgeCommands;
    const range = { deviceId: 'cam-1', stream: 'main' as const, fromMs: START, toMs: START + 1000 };
    const fetching = source(never).fetch(range, () => undefined, abort.signal);
    abort.abort(new Error('cancelled'));
    await expect(fetching).rejects.toThrow('cancelled');
  });
});

describe('the thread for footage', () => {
  it('hashes as everybody does', async () => {
    const path = join(root, 'some.bin');
    const bytes = Buffer.alloc(3_000_000, 'sharp');
    writeFileSync(path, bytes);
    expect(await thread.run('hash', { path })).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('gives the reason of a failure and goes on', async () => {
    await expect(thread.run('hash', { path: join(root, 'absent') })).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
    const path = join(root, 'empty.bin');
    writeFileSync(path, '');
    expect(await thread.run('hash', { path })).toMatch(/^e3b0c442/);
  });
});
