import { SharpEyesError } from '../../contract/errors.ts';
import { systemClock } from '../../platform/clock.ts';
import { silentLog } from '../../platform/log.ts';
import type { ReadFacts, ReadRefusal, ReadRequest, RtspHost } from '../../platform/rtsp-server/host.ts';
import { RtspServer, type RtspServerOptions } from '../../platform/rtsp-server/server.ts';
import type { RtspSource } from '../../platform/rtsp-server/source.ts';
import { digestHa1 } from '../../protocols/http-digest/response.ts';

export const REALM = 'Sharp Eyes';

/** One reader `vms` with the password `vi11age`, and one source as camera-1/main. */
export class TestHost implements RtspHost {
  readonly source: RtspSource;
  readonly played: ReadRequest[] = [];
  readonly stopped: ReadFacts[] = [];
  readonly refused: ReadRefusal[] = [];
  opened = 0;
  released = 0;
  refusal: SharpEyesError | null = null;

  constructor(source: RtspSource) {
    this.source = source;
  }

  async secretOf(user: string) {
    if (user !== 'vms') return null;
    return { md5: digestHa1('md5', user, REALM, 'vi11age'), sha256: digestHa1('sha256', user, REALM, 'vi11age') };
  }

  async open(request: ReadRequest) {
    if (this.refusal !== null) throw this.refusal;
    if (request.deviceId !== 'camera-1') throw new SharpEyesError('DEVICE_UNKNOWN', 'no such camera');
    this.opened += 1;
    return {
      key: `${request.deviceId}/${request.stream}`,
      source: this.source,
      release: () => {
        this.released += 1;
      },
    };
  }

  onPlay(request: ReadRequest): void {
    this.played.push(request);
  }

  onStop(_: ReadRequest, facts: ReadFacts): void {
    this.stopped.push(facts);
  }

  onRefused(refusal: ReadRefusal): void {
    this.refused.push(refusal);
  }
}

/** A server on loopback for one source. */
export async function startRtspServer(
  source: RtspSource,
  options: Partial<RtspServerOptions> = {},
): Promise<{ server: RtspServer; host: TestHost; port: number; url: string }> {
  const host = new TestHost(source);
  const server = new RtspServer({
    ...{ name: 'camera-1', realm: REALM, host: '127.0.0.1', port: 0, udpPort: 0, tls: null },
    ...{ readers: host, clock: systemClock, log: silentLog },
    ...options,
  });
  const port = await server.start();
  return { server, host, port, url: `rtsp://vms:vi11age@127.0.0.1:${port}/camera-1/main` };
}
