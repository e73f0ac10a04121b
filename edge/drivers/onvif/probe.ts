import type { ProbeResult } from '../../../contract/device.ts';
import { messageOf } from '../../../contract/errors.ts';
import type { ProfileCatalog } from '../../profiles/catalog.ts';
import { type Inspection, inspect } from './inspect.ts';
import type { OnvifClient } from './onvif-client.ts';
import { deviceReasonOf } from './reason.ts';

/** Largest still picture that is taken over. */
export const SNAPSHOT_MAX_BYTES = 300_000;

/** Connects to a device and reports what it is; at most two sign-in attempts. Never rejects: failure is a result. */
export async function probeOnvif(
  client: OnvifClient,
  catalog: ProfileCatalog,
  signal?: AbortSignal,
): Promise<ProbeResult> {
  try {
    const inspection = await inspect(client, signal);
    return success(inspection, catalog, await picture(client, inspection, signal));
  } catch (error) {
    return {
      ok: false,
      reason: deviceReasonOf(error),
      message: messageOf(error).slice(0, 512),
      identity: null,
      type: 'camera',
      streams: [],
      clockOffsetMs: client.clockOffsetMs,
      suggestedProfileId: null,
      snapshotBase64: null,
    };
  }
}

/** A missing picture says something about the picture, not about the device. */
async function picture(
  client: OnvifClient,
  { snapshotUrl }: Inspection,
  signal?: AbortSignal,
): Promise<string | Error | null> {
  if (snapshotUrl === null) return null;
  try {
    return (await client.fetchJpeg(snapshotUrl, SNAPSHOT_MAX_BYTES, signal)).toString('base64');
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

function success(inspection: Inspection, catalog: ProfileCatalog, snapshot: string | Error | null): ProbeResult {
  const { identity, type, streams, clockOffsetMs } = inspection;
  const name = [identity.manufacturer, identity.model].filter((part) => part !== null).join(' ') || 'an ONVIF device';
  const found = streams.map(({ name: stream, codec, width, height }) => `${stream} ${codec} ${width}x${height}`);
  const parts = [
    name,
    type === 'camera' && found.length === 0 ? 'no stream in H.264, H.265 or JPEG' : found.join(', '),
  ];
  if (snapshot instanceof Error) parts.push(`no picture: ${snapshot.message}`);
  if (clockOffsetMs !== null && Math.abs(clockOffsetMs) > 2_000) {
    parts.push(`its clock is off by ${Math.round(clockOffsetMs / 1000)} s`);
  }
  return {
    ok: true,
    reason: type === 'camera' && found.length === 0 ? 'unsupported-codec' : 'ok',
    message: parts
      .filter((part) => part !== '')
      .join('; ')
      .slice(0, 512),
    identity,
    type,
    streams: streams.map(({ name: stream, codec, width, height, fps }) => ({
      name: stream,
      codec,
      width,
      height,
      fps,
      bitrate: null,
      state: 'idle',
      reason: 'ok',
    })),
    clockOffsetMs,
    suggestedProfileId: catalog.suggest('onvif', type, identity)?.id ?? null,
    snapshotBase64: typeof snapshot === 'string' ? snapshot : null,
  };
}
