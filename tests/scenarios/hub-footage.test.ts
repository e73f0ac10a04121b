import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runVerify } from '../../cli/verify.ts';
import type { AuditEntry } from '../../contract/api/centre.ts';
import type { CommandRequest } from '../../contract/command.ts';
import type { FootageJob } from '../../contract/footage.ts';
import { uploadSegments } from '../../edge/upload/upload-segments.ts';
import { codeOf, type HubClient, type RunningHub, startHub } from '../support/hub.ts';
import { JoinedEdge, reportedCamera } from '../support/joined-edge.ts';
import { recordSegments, saveSegments } from '../support/recorded-segments.ts';
import { waitFor } from '../support/wait.ts';

const START = Date.UTC(2026, 4, 1, 8);
const INTERVAL = { fromMs: START + 1000, toMs: START + 9000 };

describe('recorded footage through the hub', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hub-footage-'));
  const uploads: Promise<unknown>[] = [];
  let hub: RunningHub;
  let edge: JoinedEdge;
  let deviceId: string;
  let officer: HubClient;
  let colleague: HubClient;
  let elsewhere: HubClient;

  function answer(order: CommandRequest): unknown {
    const params = order.params as { deviceId: string; requestId: string; uploadPath: string };
    if (order.name === 'device.register') return reportedCamera(params.deviceId);
    if (order.name === 'footage.timeline') return { ...params, stream: 'main', ranges: [INTERVAL], gaps: [] };
    if (order.name !== 'footage.fetch') return {};
    const own = join(folder, params.requestId);
    mkdirSync(own);
    const segments = saveSegments(own, recordSegments({ deviceId: params.deviceId, startAtMs: START, segments: 3 }));
    const authorization = `Basic ${Buffer.from(`${edge.edgeId}:${edge.secret}`).toString('base64')}`;
    const endpoint = new URL(params.uploadPath, hub.ready.url).href;
    const signal = new AbortController().signal;
    uploads.push(
      uploadSegments({ endpoint, hub: { authorization, caPem: null }, requestId: params.requestId, segments, signal }),
    );
    return { segments: segments.map(({ record }) => record), gaps: [] };
  }

  const look = (client: HubClient, change: object = {}) =>
    client.send('POST', '/api/footage/looks', {
      incidentId: null,
      purpose: 'theft of a moped',
      deviceId,
      stream: 'main',
      ...INTERVAL,
      ...change,
    });
  const finished = (client: HubClient, jobId: string) =>
    waitFor('the order', async () => {
      const job = (await client.get(`/api/footage/jobs/${jobId}`)).json as FootageJob;
      return job.phase === 'done' || job.phase === 'failed' ? job : null;
    });

  beforeAll(async () => {
    hub = await startHub();
    const region = async (name: string) => {
      const wanted = { parentId: 'county', level: 'township', name, code: null };
      return ((await hub.admin.send('POST', '/api/regions', wanted)).json as { regionId: string }).regionId;
    };
    const [town, otherTown] = [await region('Town'), await region('Other town')];
    officer = await hub.person('officer', 'officer', [town]);
    colleague = await hub.person('colleague', 'officer', [town]);
    elsewhere = await hub.person('elsewhere', 'officer', [otherTown]);
    const enrolled = await hub.admin.send('POST', '/api/edges', { edgeId: 'north', name: 'North', regionId: town });
    edge = new JoinedEdge((enrolled.json as { joinFile: string }).joinFile);
    edge.answer = answer;
    await edge.join();
    await edge.connect();
    const place = { latitude: null, longitude: null, bearingDeg: null, viewDistanceM: null, viewAngleDeg: null };
    const registered = await waitFor('the edge to take orders', async () => {
      const made = await hub.admin.send('POST', '/api/devices', {
        ...{ edgeId: 'north', candidateId: null, driver: 'onvif', type: 'camera', connection: {}, profileId: null },
        record: true,
        placement: { name: 'East gate', regionId: town, ...place, links: [] },
      });
      return made.status === 200 ? made : null;
    });
    deviceId = (registered.json as { device: { deviceId: string } }).device.deviceId;
    await edge.report([reportedCamera(deviceId)]);
  });
  afterAll(async () => {
    await Promise.all(uploads);
    await edge.stop();
    await hub.stop();
    rmSync(folder, { recursive: true });
  });

  test('the timeline is for who may look, inside the area', async () => {
    const path = `/api/footage/timeline?deviceId=${deviceId}&stream=main&fromMs=${INTERVAL.fromMs}&toMs=${INTERVAL.toMs}`;
    expect((await officer.get(path)).json).toMatchObject({ deviceId, ranges: [INTERVAL] });
    expect(codeOf(await elsewhere.get(path))).toBe('NOT_FOUND');
    const technician = await hub.person('technician', 'technician');
    expect(codeOf(await technician.get(path))).toBe('NOT_ALLOWED');
  });

  test('a clip is ordered with a purpose, made, and fetched in pieces by the person who ordered it', async () => {
    const ordered = await look(officer);
    expect(ordered.status).toBe(200);
    const { jobId } = ordered.json as FootageJob;
    const job = await finished(officer, jobId);
    expect(job).toMatchObject({ phase: 'done', kind: 'look', requestedBy: 'officer', purpose: 'theft of a moped' });
    const path = `/api/footage/jobs/${jobId}/file`;
    const whole = await officer.get(path);
    expect([whole.status, whole.headers['content-type'], whole.bytes.length]).toEqual([
      200,
      'video/mp4',
      job.fileBytes,
    ]);
    const part = await officer.get(path, { range: 'bytes=4-7' });
    expect([part.status, part.text, part.headers['content-range']]).toEqual([
      206,
      'ftyp',
      `bytes 4-7/${job.fileBytes}`,
    ]);
    expect((await officer.get(path, { range: `bytes=${job.fileBytes}-` })).status).toBe(416);
    expect(codeOf(await colleague.get(path))).toBe('NOT_FOUND');
    expect(codeOf(await colleague.get(`/api/footage/jobs/${jobId}`))).toBe('NOT_FOUND');
    expect((await colleague.get('/api/footage/jobs')).json).toEqual([]);
    expect((await elsewhere.get('/api/footage/jobs')).json).toEqual([]);
    expect((await officer.get('/api/footage/jobs?kind=look')).json).toMatchObject([{ jobId }]);
    expect((await officer.get('/api/footage/jobs?kind=export')).json).toEqual([]);
    // The administrator sees that it was, not what it shows.
    expect((await hub.admin.get(`/api/footage/jobs/${jobId}`)).json).toMatchObject({ jobId });
    expect(codeOf(await hub.admin.get(path))).toBe('NOT_ALLOWED');
  });

  test('a package is sealed with the key that the hub names', async () => {
    const ordered = await officer.send('POST', '/api/footage/exports', {
      ...{ incidentId: null, caseNumber: 'A 17/26', purpose: 'theft of a moped', ...INTERVAL },
      cameras: [{ deviceId, stream: 'main' }],
    });
    const job = await finished(officer, (ordered.json as FootageJob).jobId);
    expect(job).toMatchObject({ phase: 'done', caseNumber: 'A 17/26' });
    const file = await officer.get(`/api/footage/jobs/${job.jobId}/file`);
    expect(file.headers['content-disposition']).toMatch(/^attachment; filename\*=UTF-8''/);
    const path = join(folder, 'package.zip');
    writeFileSync(path, file.bytes);
    const { fingerprint } = (await officer.get('/api/footage/signer')).json as { fingerprint: string };
    const io = { out: () => undefined, err: () => undefined };
    expect(await runVerify({ file: path, language: 'en', trust: fingerprint }, io)).toBe(0);
  });

  test('every order and every file stands on the audit log with its purpose', async () => {
    const entries = ((await hub.admin.get('/api/audit?limit=500')).json as AuditEntry[]).filter(({ action }) =>
      action.startsWith('footage.'),
    );
    expect(entries.map(({ action }) => action).sort()).toEqual([
      'footage.export',
      'footage.file',
      'footage.file',
      'footage.look',
    ]);
    for (const entry of entries) expect(entry).toMatchObject({ account: 'officer', purpose: 'theft of a moped' });
    expect(entries.find(({ action }) => action === 'footage.look')).toMatchObject({ subject: deviceId });
  });

  test('what is asked too much, without a purpose or from elsewhere is refused', async () => {
    expect(codeOf(await look(officer, { purpose: '' }))).toBe('INVALID_BODY');
    expect(codeOf(await look(officer, { toMs: INTERVAL.fromMs + 11 * 60_000 }))).toBe('INVALID_BODY');
    expect(codeOf(await look(officer, { toMs: INTERVAL.fromMs }))).toBe('INVALID_BODY');
    expect(codeOf(await look(officer, { incidentId: 'no-such-incident' }))).toBe('NOT_FOUND');
    expect(codeOf(await look(elsewhere))).toBe('NOT_FOUND');
    const operator = await hub.person('operator', 'operator');
    const order = { incidentId: null, caseNumber: '1', purpose: 'curiosity', cameras: [{ deviceId, stream: 'main' }] };
    expect(codeOf(await operator.send('POST', '/api/footage/exports', { ...order, ...INTERVAL }))).toBe('NOT_ALLOWED');
  });

  test('an order can be taken back by who gave it', async () => {
    const { jobId } = (await look(officer)).json as FootageJob;
    expect(codeOf(await colleague.send('DELETE', `/api/footage/jobs/${jobId}`))).toBe('NOT_FOUND');
    expect((await officer.send('DELETE', `/api/footage/jobs/${jobId}`)).status).toBe(204);
    expect(codeOf(await officer.get(`/api/footage/jobs/${jobId}`))).toBe('NOT_FOUND');
    await Promise.allSettled(uploads.splice(0));
  });
});
