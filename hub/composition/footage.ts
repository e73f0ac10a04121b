import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Device } from '../../contract/api/devices.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import { timeOrderedId } from '../../contract/ids.ts';
import { VERSION } from '../../platform/version.ts';
import type { Commands } from '../commands/commands.ts';
import { EdgeFootageSource } from '../footage/edge-source.ts';
import { FootageJobs } from '../footage/footage-jobs.ts';
import { FootageThread } from '../footage/footage-thread.ts';
import { SegmentUploads } from '../footage/segment-uploads.ts';
import { openSigningKey } from '../footage/signing-key.ts';
import type { HubContext } from './context.ts';
import type { HubCore } from './core.ts';

/** What brings recorded footage from the edges and makes clips and packages of it. */
export interface Footage {
  jobs: FootageJobs;
  uploads: SegmentUploads;
  /** Fingerprint of the key that seals packages. */
  fingerprint: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Starts what takes uploads, and the orders of footage. */
export async function startFootage(context: HubContext, core: HubCore, commands: Commands): Promise<Footage> {
  const { config, dataFolder, clock, log, modules } = context;
  const { registry, events } = core;
  const newId = (): string => timeOrderedId(clock.nowMs(), randomBytes(16));
  const deviceOf = async (deviceId: string): Promise<Device> => {
    const device = registry.device(deviceId);
    if (device === null) throw new SharpEyesError('DEVICE_UNKNOWN', `there is no device ${deviceId}`);
    return device;
  };
  const hashing = new FootageThread();
  await modules.begin('hashing of uploads', { stop: () => hashing.stop() });
  const uploads = new SegmentUploads({
    folder: join(dataFolder, 'uploads'),
    hashFile: (path) => hashing.run('hash', { path }),
    clock,
    log,
  });
  await modules.begin('uploads', uploads);
  const edgeOf = async (deviceId: string): Promise<string> => (await deviceOf(deviceId)).edgeId;
  const signer = await openSigningKey(join(dataFolder, 'keys'));
  const jobs = new FootageJobs({
    folder: join(dataFolder, 'footage'),
    source: new EdgeFootageSource({ commands, uploads, edgeOf, newId }),
    signer,
    factsOf: async (deviceId) => {
      const { edgeId, edge } = await deviceOf(deviceId);
      const edgeMinusHubMs = registry.edges.get(edgeId)?.clockOffsetMs ?? null;
      const deviceMinusEdgeMs = edge?.clockOffsetMs ?? null;
      return { edgeId, clock: { edgeMinusHubMs, deviceMinusEdgeMs, measuredAtMs: clock.nowMs() } };
    },
    newId,
    version: VERSION,
    clock,
    log,
    onChange: (job) => events.emit('job', job),
    limits: {
      concurrent: config.limits.jobs,
      unfinished: config.limits.waitingJobs,
      keepLookMs: config.retention.clipHours * HOUR_MS,
      keepExportMs: config.retention.packageDays * DAY_MS,
    },
  });
  await modules.begin('footage', jobs);
  return { jobs, uploads, fingerprint: signer.fingerprint };
}
