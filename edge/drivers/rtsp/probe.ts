import { DEVICE_REASONS, type ProbeResult } from '../../../contract/device.ts';
import { messageOf, SharpEyesError } from '../../../contract/errors.ts';
import { type Clock, delay } from '../../../platform/clock.ts';
import { type Log, redactUrl } from '../../../platform/log.ts';
import type { Credentials } from '../../../protocols/http-digest/client.ts';
import { parseRtspUrl } from '../../../protocols/rtsp/url.ts';
import { MediaStream } from '../../media/stream.ts';
import type { TransportChoice } from '../../media/track-links.ts';
import type { MediaFragment } from '../../media/types.ts';

/** What a probe of an RTSP address needs. */
export interface RtspProbeOptions {
  url: string;
  credentials: Credentials | null;
  isAllowed(host: string): boolean;
  trust?: 'system' | 'any';
  transport?: TransportChoice;
  clock: Clock;
  log: Log;
  timeoutMs?: number;
  signal?: AbortSignal;
}

const DEFAULT_TIMEOUT_MS = 12_000;

/**
 * Plays a stream until its first picture and says what it is. A bare RTSP address tells no maker and no events. Never
 * rejects: failure is a result.
 */
export async function probeRtsp(options: RtspProbeOptions): Promise<ProbeResult> {
  const result = {
    identity: null,
    type: 'camera',
    clockOffsetMs: null,
    suggestedProfileId: null,
    snapshotBase64: null,
  } as const;
  try {
    const { init } = await firstFragment(options);
    const { codec, width, height } = init;
    const message = `${redactUrl(options.url)} plays ${codec}, ${width}x${height}`.slice(0, 512);
    const about = { fps: null, bitrate: null, state: 'idle', reason: 'ok' } as const;
    return { ...result, ok: true, reason: 'ok', message, streams: [{ name: 'main', codec, width, height, ...about }] };
  } catch (error) {
    return {
      ...result,
      ok: false,
      reason: reasonOf(error),
      message: redactUrl(messageOf(error)).slice(0, 512),
      streams: [],
    };
  }
}

class StreamFailure extends Error {
  readonly reason: ProbeResult['reason'];

  constructor(reason: ProbeResult['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

function reasonOf(error: unknown): ProbeResult['reason'] {
  if (error instanceof StreamFailure) return error.reason;
  return error instanceof SharpEyesError && error.code === 'ADDRESS_NOT_ALLOWED' ? 'address-not-allowed' : 'garbage';
}

async function firstFragment(options: RtspProbeOptions): Promise<MediaFragment> {
  const { clock, log, timeoutMs = DEFAULT_TIMEOUT_MS, signal } = options;
  const { host, url } = parseRtspUrl(options.url);
  if (!options.isAllowed(host)) {
    throw new SharpEyesError('ADDRESS_NOT_ALLOWED', `${host} is not inside the networks that this edge may dial`);
  }
  const over = new AbortController();
  const either = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
  const { credentials, trust = 'system', transport = 'auto', isAllowed } = options;
  const stream = new MediaStream({ url, ...credentials, trust, transport, isAllowed, clock, log });
  const found = new Promise<MediaFragment>((resolve, reject) => {
    stream.subscribe({
      onInit: () => undefined,
      onFragment: resolve,
      onState: (state, reason) => {
        if (state !== 'failed') return;
        const known = DEVICE_REASONS.find((device) => device === reason) ?? 'garbage';
        reject(new StreamFailure(known, `${redactUrl(url)}: ${reason}`));
      },
    });
  });
  const late = delay(clock, timeoutMs, either).then(() => {
    throw new StreamFailure('no-answer', `${redactUrl(url)} gave no picture within ${timeoutMs / 1000} s`);
  });
  try {
    stream.start();
    return await Promise.race([found, late]);
  } finally {
    over.abort();
    found.catch(() => undefined);
    late.catch(() => undefined);
    await stream.stop();
  }
}
