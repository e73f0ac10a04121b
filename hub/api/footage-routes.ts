import type { FastifyInstance } from 'fastify';
import { FOOTAGE_ROUTES } from '../../contract/api/footage.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { FootageJob } from '../../contract/footage.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { FootageJobs } from '../footage/footage-jobs.ts';
import type { Incidents } from '../incidents/incidents.ts';
import type { Registry } from '../registry/registry.ts';
import type { Caller } from './caller.ts';
import { demandDevice, type EdgeOrders } from './device-routes.ts';
import { answerFile } from './file-answer.ts';
import { mayFollowJob } from './job-access.ts';
import { route } from './route.ts';

/** What the routes of footage use. */
export interface FootageServices {
  jobs: FootageJobs;
  incidents: Incidents;
  registry: Registry;
  audit: AuditLog;
  orders: EdgeOrders;
  /** Fingerprint of the key that seals packages. */
  fingerprint: string;
}

const LOOK_MAX_MS = 10 * 60_000;
const EXPORT_MAX_MS = 24 * 3_600_000;
/** Downloads that were written down; a player asks for one file in many pieces. */
const NOTED_MAX = 1000;

function checkInterval(fromMs: number, toMs: number, maxMs: number): void {
  if (toMs > fromMs && toMs - fromMs <= maxMs) return;
  const message = `the interval has to end after it begins and may last ${maxMs / 60_000} minutes at most`;
  throw new SharpEyesError('INVALID_BODY', message);
}

/** Looking for recorded footage and ordering it. Whatever shows a picture is on the audit log before it happens. */
export function footageRoutes(app: FastifyInstance, services: FootageServices): void {
  const { jobs, incidents, registry, audit, orders, fingerprint } = services;

  const cameraOf = (caller: Caller, { deviceId, stream }: { deviceId: string; stream: 'main' | 'sub' }) => {
    const { name } = demandDevice(registry, caller, deviceId);
    return { deviceId, name, stream };
  };

  const demandIncident = async (caller: Caller, incidentId: string | null): Promise<void> => {
    if (incidentId === null) return;
    const record = await incidents.queries.record(incidentId);
    caller.demandInArea(record?.regionId ?? null);
    if (record === null) throw new SharpEyesError('NOT_FOUND', `there is no incident ${incidentId}`);
  };

  /** Writes the order down on the audit log and in the incident, then gives it. */
  const order = async (
    caller: Caller,
    wanted: Pick<FootageJob, 'kind' | 'incidentId' | 'caseNumber' | 'purpose' | 'fromMs' | 'toMs' | 'cameras'>,
  ): Promise<FootageJob> => {
    const { kind, incidentId, caseNumber, purpose, cameras, fromMs, toMs } = wanted;
    const { account, address } = caller;
    const subject = cameras.map(({ deviceId }) => deviceId).join(' ');
    const details = { fromMs, toMs, ...(incidentId && { incidentId }), ...(caseNumber && { caseNumber }) };
    await audit.append({ account, action: `footage.${kind}`, subject, purpose, details, address });
    const job = await jobs.order({ ...wanted, requestedBy: account });
    if (incidentId !== null) {
      const names = cameras.map(({ name }) => name).join(', ');
      const entryKind = kind === 'look' ? 'looked' : 'exported';
      await incidents.addEntry(incidentId, { by: account, kind: entryKind, text: `${names}: ${purpose}` });
    }
    return job;
  };

  route(app, FOOTAGE_ROUTES.timeline, async ({ caller, query }) => {
    checkInterval(query.fromMs, query.toMs, 7 * EXPORT_MAX_MS);
    const { deviceId, stream } = query;
    const { edgeId } = demandDevice(registry, caller, deviceId);
    return orders.send(edgeId, 'footage.timeline', { deviceId, stream, fromMs: query.fromMs, toMs: query.toMs });
  });

  route(app, FOOTAGE_ROUTES.look, async ({ caller, body }) => {
    checkInterval(body.fromMs, body.toMs, LOOK_MAX_MS);
    const { incidentId, purpose, fromMs, toMs } = body;
    const cameras = [cameraOf(caller, body)];
    await demandIncident(caller, incidentId);
    return order(caller, { kind: 'look', incidentId, caseNumber: null, purpose, fromMs, toMs, cameras });
  });

  route(app, FOOTAGE_ROUTES.exportFootage, async ({ caller, body }) => {
    checkInterval(body.fromMs, body.toMs, EXPORT_MAX_MS);
    const { incidentId, caseNumber, purpose, fromMs, toMs } = body;
    const cameras = body.cameras.map((camera) => cameraOf(caller, camera));
    await demandIncident(caller, incidentId);
    return order(caller, { kind: 'export', incidentId, caseNumber, purpose, fromMs, toMs, cameras });
  });

  route(app, FOOTAGE_ROUTES.signer, async () => ({ fingerprint }));
  jobRoutes(app, services);
}

/** Orders of footage and their files. */
function jobRoutes(app: FastifyInstance, { jobs, registry, audit }: FootageServices): void {
  const regionOf = (deviceId: string): string | null => registry.device(deviceId)?.regionId ?? null;
  const noted = new Set<string>();

  /** A job that the caller may know of; others do not exist for them. */
  const jobOf = (caller: Caller, jobId: string): FootageJob => {
    const job = jobs.get(jobId);
    for (const { deviceId } of job?.cameras ?? []) caller.demandInArea(regionOf(deviceId));
    if (job !== null && mayFollowJob(caller.session, job)) return job;
    throw new SharpEyesError('NOT_FOUND', 'there is nothing under this id');
  };

  const ownJob = (caller: Caller, jobId: string): FootageJob => {
    const job = jobOf(caller, jobId);
    if (job.requestedBy === caller.account) return job;
    throw new SharpEyesError('NOT_ALLOWED', 'this is only for the person who ordered it');
  };

  route(app, FOOTAGE_ROUTES.listJobs, async ({ caller, query }) => {
    const followed = jobs.list().filter((job) => {
      const isAsked = query.incidentId === undefined || job.incidentId === query.incidentId;
      return isAsked && (query.kind === undefined || job.kind === query.kind) && mayFollowJob(caller.session, job);
    });
    const inArea = (job: FootageJob): boolean =>
      caller.inArea(job.cameras, ({ deviceId }) => regionOf(deviceId)).length === job.cameras.length;
    caller.areaFilter();
    return followed.filter(inArea);
  });

  route(app, FOOTAGE_ROUTES.job, async ({ caller, params }) => jobOf(caller, params.jobId));

  route(app, FOOTAGE_ROUTES.jobFile, async ({ caller, params, reply, address }) => {
    const job = ownJob(caller, params.jobId);
    const path = jobs.filePath(job.jobId);
    if (path === null) throw new SharpEyesError('NOT_FOUND', 'the file is not finished yet');
    const key = `${caller.session.sessionId} ${job.jobId}`;
    if (!noted.has(key)) {
      const { account } = caller;
      await audit.append({ account, action: 'footage.file', subject: job.jobId, purpose: job.purpose, address });
      if (noted.size >= NOTED_MAX) noted.clear();
      noted.add(key);
    }
    const isLook = job.kind === 'look';
    return answerFile(reply, {
      path,
      type: isLook ? 'video/mp4' : 'application/zip',
      name: isLook ? null : job.fileName,
    });
  });

  route(app, FOOTAGE_ROUTES.cancelJob, async ({ caller, params, address }) => {
    const job = ownJob(caller, params.jobId);
    const { account } = caller;
    await audit.append({ account, action: 'footage.cancel', subject: job.jobId, purpose: job.purpose, address });
    await jobs.cancel(job.jobId);
  });
}
