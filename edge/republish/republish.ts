import { readFile } from 'node:fs/promises';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { OpenedStream, ReadRequest, RtspHost } from '../../platform/rtsp-server/host.ts';
import { RTSP_REALM } from '../../platform/rtsp-server/reader-secret.ts';
import { RtspServer } from '../../platform/rtsp-server/server.ts';
import type { EdgeConfig } from '../config/schema.ts';
import type { PooledStream } from '../devices/stream-pool.ts';
import type { Readers } from './readers.ts';
import { streamSource } from './stream-source.ts';

/** What {@link Republish} is built from. */
export interface RepublishOptions {
  config: EdgeConfig['republish'];
  readers: Readers;
  /** @throws SharpEyesError STREAM_UNKNOWN */
  open(deviceId: string, stream: 'main' | 'sub'): PooledStream;
  clock: Clock;
  log: Log;
}

/** How soon a removed reader, or one that lost a device, is cut off. */
const CHECK_EVERY_MS = 2000;

/**
 * Streams of this edge for other programs in the township: VLC, ffmpeg, a recorder of the school. A camera is pulled only
 * while somebody reads, and never twice, whoever else watches or records it.
 */
export class Republish {
  readonly #options: RepublishOptions;
  #server: RtspServer | null = null;
  #timer: TimerHandle | null = null;

  constructor(options: RepublishOptions) {
    this.#options = options;
  }

  /** Listens and gives the port. @throws SharpEyesError PORT_TAKEN, CONFIG_INVALID, CONFIG_MISSING */
  async start(): Promise<number> {
    const { config, clock, log } = this.#options;
    const server = new RtspServer({
      name: 'Sharp Eyes',
      realm: RTSP_REALM,
      host: config.host,
      port: config.port,
      udpPort: config.udp ? config.udpPort : null,
      tls: await tlsOf(config),
      readers: this.#host(),
      limits: { readers: config.maxReaders },
      clock,
      log,
    });
    const port = await server.start();
    this.#server = server;
    this.#timer = clock.every(CHECK_EVERY_MS, () => void this.#recheck(server));
    return port;
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#server?.stop();
    this.#server = null;
  }

  counters(): Record<string, number> {
    return this.#server?.counters() ?? {};
  }

  #host(): RtspHost {
    const { readers, log } = this.#options;
    const who = ({ user, address, deviceId, stream }: ReadRequest): object => ({ user, address, deviceId, stream });
    return {
      secretOf: (user) => readers.secretOf(user),
      open: (request) => this.#open(request),
      onPlay: (request) => log.info(who(request), 'a reader plays a stream'),
      onStop: (request, facts) => log.info({ ...who(request), ...facts }, 'a reader left a stream'),
      onRefused: (refusal) => log.warn(refusal, 'a reader was refused'),
    };
  }

  async #open({ user, deviceId, stream }: ReadRequest): Promise<OpenedStream> {
    // The same answer for a device that is not there: nobody learns what others may see.
    if (!(await this.#options.readers.mayRead(user, deviceId))) {
      throw new SharpEyesError('STREAM_UNKNOWN', `${user} may not read ${deviceId}`);
    }
    const used = this.#options.open(deviceId, stream);
    return { key: `${deviceId}/${used.stream}`, source: streamSource(used), release: () => used.release() };
  }

  async #recheck(server: RtspServer): Promise<void> {
    for (const { readerId, user, deviceId } of server.reading) {
      try {
        if (!(await this.#options.readers.mayRead(user, deviceId))) server.end(readerId);
      } catch (error) {
        this.#options.log.warn({ reason: messageOf(error) }, 'the accounts of readers cannot be read; it was cut off');
        server.end(readerId);
      }
    }
  }
}

async function tlsOf({
  certificateFile,
  keyFile,
}: EdgeConfig['republish']): Promise<{ cert: string; key: string } | null> {
  if (certificateFile === null && keyFile === null) return null;
  if (certificateFile === null || keyFile === null) {
    throw new SharpEyesError('CONFIG_INVALID', 'republish.certificateFile and republish.keyFile belong together');
  }
  try {
    return { cert: await readFile(certificateFile, 'utf8'), key: await readFile(keyFile, 'utf8') };
  } catch (cause) {
    throw new SharpEyesError('CONFIG_MISSING', `republish: ${messageOf(cause)}`, { cause });
  }
}
