import { WholePath } from '../../tests/support/whole-path/whole-path.ts';
import { CannotRun } from '../figure.ts';
import type { AudienceCounts, AudienceOrder } from './audience.ts';
import { type BenchProcess, cpuMs, sleep, startScript } from './processes.ts';

const LIVE_WITHIN_MS = 90_000;
const MIB = 1024 ** 2;
/** The line is no part of what is measured. */
const LINE_BITS_PER_SECOND = 8_000_000_000;

/** Cameras in a process of their own. */
export interface RunningSource {
  process: BenchProcess;
  ports: readonly number[];
  /** Moment of frame 0 in milliseconds since 1970. */
  startedAtMs: number;
  counters(): Promise<Record<string, number>>;
}

/** Starts `rtsp-source.ts`. */
export async function startSource(file: string, fps: number, flags: readonly string[] = []): Promise<RunningSource> {
  const process = startScript('rtsp-source.ts', [file, String(fps), ...flags]);
  const [, ports = '', startedAtMs = ''] = (await process.line()).split(' ');
  return {
    process,
    ports: ports.split(',').map(Number),
    startedAtMs: Number(startedAtMs),
    counters: async () => {
      process.tell('counters');
      return JSON.parse(await process.line()) as Record<string, number>;
    },
  };
}

/** Headless viewers in a process of their own. */
export interface RunningAudience {
  process: BenchProcess;
  counts(): Promise<AudienceCounts>;
}

/** A hub and an edge as they run in production, with cameras that the hub's API registered. */
export class Path {
  readonly whole: WholePath;
  readonly deviceIds: string[] = [];

  /** @param more sections of the edge's configuration; room for many streams is there */
  constructor(more: Record<string, unknown> = {}) {
    const live = { maxStreams: 400, bufferBytes: 16 * MIB, lineBitsPerSecond: LINE_BITS_PER_SECOND };
    const recording = { segmentSeconds: 10 };
    this.whole = new WholePath({ live, recording, ...more });
  }

  start(): Promise<void> {
    return this.whole.start();
  }

  stop(): Promise<void> {
    return this.whole.remove();
  }

  /** Registers cameras by their addresses. */
  async addCameras(urls: readonly string[], options: { record?: boolean } = {}): Promise<void> {
    for (const url of urls) {
      const name = `Camera ${this.deviceIds.length}`;
      const kind = { driver: 'rtsp', type: 'camera', profileId: null } as const;
      const { device } = await this.whole.register({ name, ...kind, connection: { url }, ...options });
      this.deviceIds.push(device.deviceId);
    }
  }

  /** What viewers need to watch some of the cameras. */
  order(deviceIds: readonly string[] = this.deviceIds): AudienceOrder {
    const { admin, addresses } = this.whole.hub;
    return { livePort: addresses.livePort, origin: addresses.url, cookie: admin.cookie ?? '', deviceIds };
  }

  /** Starts viewers and waits until every tile is live. @throws CannotRun when they do not become so */
  async watch(deviceIds: readonly string[] = this.deviceIds): Promise<RunningAudience> {
    const process = startScript('headless-viewers.ts');
    process.tell(JSON.stringify(this.order(deviceIds)));
    const counts = async (): Promise<AudienceCounts> => {
      process.tell('counts');
      return JSON.parse(await process.line()) as AudienceCounts;
    };
    const end = performance.now() + LIVE_WITHIN_MS;
    for (;;) {
      const seen = await counts();
      if (seen.live >= deviceIds.length) return { process, counts };
      if (performance.now() > end) {
        await process.stop();
        throw new CannotRun(
          `only ${seen.live} of ${deviceIds.length} streams are live: ${JSON.stringify(seen.reasons)} ${this.whole.edgeErrors.slice(-500)}`,
        );
      }
      await sleep(500);
    }
  }

  /** CPU time so far of the edge and the hub. */
  cpuMs(): { edge: number; hub: number } {
    return { edge: cpuMs(this.whole.edgePid), hub: cpuMs(this.whole.hub.pid) };
  }
}

/** `count` addresses of cameras, spread over sources. */
export function cameraUrls(sources: readonly RunningSource[], count: number): string[] {
  const ports = sources.flatMap(({ ports: all }) => all);
  return Array.from({ length: count }, (_, index) => `rtsp://127.0.0.1:${ports[index % ports.length]}/${index}`);
}
