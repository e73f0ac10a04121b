import type { StreamInfo } from '../../contract/device.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import { delay } from '../../platform/clock.ts';
import { Supervisor } from '../../platform/supervisor.ts';
import { parseRtspUrl } from '../../protocols/rtsp/url.ts';
import type { DeviceDriver, DriverDevice, DriverHandle, DriverPorts, OpenConnection } from '../devices/driver.ts';
import { probeRtsp } from '../drivers/rtsp/probe.ts';
import { REFUSED_PASSWORD_WAIT_MS } from '../media/limits.ts';
import type { DriverKit } from './driver-kit.ts';

/** What is known of a device's streams while somebody pulls them. */
export interface StreamWatch {
  info(deviceId: string): StreamInfo[];
  /** Calls `listener` when the state of one of the streams changes; returns the function that ends it. */
  watch(deviceId: string, listener: () => void): () => void;
}

/** A stream that nobody pulls is looked at this often. */
const LOOK_EVERY_MS = 60_000;

/** @throws SharpEyesError INVALID_BODY when it is no address of a stream, because that will never work */
function checkAddress(url: string): void {
  try {
    parseRtspUrl(url);
  } catch (cause) {
    const message = 'the address of a stream looks like rtsp://192.168.1.20/stream; for http:// choose ONVIF';
    throw new SharpEyesError('INVALID_BODY', message, { cause });
  }
}

/** Cameras of which only an RTSP address is known: one stream, no events. */
export class RtspDriver implements DeviceDriver {
  readonly #kit: DriverKit;
  readonly #streams: StreamWatch;

  constructor(kit: DriverKit, streams: StreamWatch) {
    this.#kit = kit;
    this.#streams = streams;
  }

  probe(connection: OpenConnection, _type: unknown, signal?: AbortSignal): ReturnType<DeviceDriver['probe']> {
    const { url, username, password, transport = 'auto' } = connection;
    if (url === null) throw new SharpEyesError('INVALID_BODY', 'the address of the stream is missing');
    const { networks, clock, log } = this.#kit;
    const credentials = username === null ? null : { username, password: password ?? '' };
    const isAllowed = (host: string): boolean => networks.allowsHost(host);
    const abort = signal === undefined ? {} : { signal };
    return probeRtsp({ url, credentials, isAllowed, trust: 'any', transport, clock, log, ...abort });
  }

  async start(device: DriverDevice, ports: DriverPorts): Promise<DriverHandle> {
    const { url, username, password, transport = 'auto' } = device.connection;
    if (url === null) throw new SharpEyesError('INVALID_BODY', 'the address of the stream is missing');
    checkAddress(url);
    const { clock, log } = this.#kit;
    const { deviceId } = device;
    const about = { codec: null, width: null, height: null, fps: null };
    ports.onStreams([{ name: 'main', url, username, password, transport, ...about }]);
    const looker = new Supervisor({
      name: `look at ${deviceId}`,
      clock,
      log,
      backoff: { firstMs: LOOK_EVERY_MS, maxMs: LOOK_EVERY_MS },
      runOnce: async (signal) => {
        // Whoever records or watches tells the state as well, and without a second sign-in.
        await delay(clock, 2000, signal);
        if (this.#pulled(deviceId) !== undefined) return;
        const { ok, reason } = await this.probe(device.connection, device.type, signal);
        if (this.#pulled(deviceId) === undefined) ports.onStatus({ online: ok, reason, clockOffsetMs: null });
        if (reason === 'refused-credentials') await delay(clock, REFUSED_PASSWORD_WAIT_MS, signal);
      },
    });
    const unwatch = this.#streams.watch(deviceId, () => {
      const stream = this.#pulled(deviceId);
      if (stream === undefined || stream.state === 'connecting') return;
      ports.onStatus({ online: stream.state === 'live', reason: stream.reason, clockOffsetMs: null });
    });
    looker.start();
    return {
      stop: async () => {
        unwatch();
        await looker.stop();
      },
    };
  }

  #pulled(deviceId: string): StreamInfo | undefined {
    return this.#streams.info(deviceId).find(({ state }) => state !== 'idle');
  }
}
