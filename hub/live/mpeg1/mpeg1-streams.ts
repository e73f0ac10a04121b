import type { LiveMessage } from '../../../contract/live.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Log } from '../../../platform/log.ts';
import type { Relay } from '../relay.ts';
import { Viewer, type ViewerLimits } from '../viewer.ts';
import { Mpeg1Stream, type Mpeg1StreamOptions } from './mpeg1-stream.ts';

/** The edge's id under which the relay knows what the hub makes itself; no edge can have it. */
export const HUB_ITSELF = '';
/** Handles of the main thread lie far below. */
const FIRST_HANDLE = 0xf000_0000;
/** After the last viewer left, an encoder goes on for so long. */
const LINGER_MS = 5000;
const TILE = 'mpeg1';

type Watching = Extract<LiveMessage, { type: 'watching' }>;

/** What {@link Mpeg1Streams} is built from. */
export interface Mpeg1StreamsOptions {
  relay: Pick<Relay, 'open' | 'close' | 'attach' | 'remove' | 'take' | 'tell' | 'audience'>;
  limits: ViewerLimits & { mpeg1Streams: number };
  /** Gives what starts the encoder; null when there is no ffmpeg. */
  encoder(): Mpeg1StreamOptions['spawn'];
  clock: Clock;
  log: Log;
}

interface Entry {
  /** Of the camera's pictures, and of what is made of them. */
  source: number;
  handle: number;
  stream: Mpeg1Stream;
  /** How the relay knows the encoder. */
  feeder: Viewer;
  /** Since when nobody watches, monotonic; null while somebody does. */
  idleSinceMs: number | null;
}

/**
 * The last resort, for screens that have no media source: MPEG-1 made by the hub, one encoder per stream for all such
 * screens, few at once, only while somebody watches. It lives inside the relay: nothing listens anywhere, and a screen
 * gets it through its own signed-in socket like everything else.
 */
export class Mpeg1Streams {
  readonly #options: Mpeg1StreamsOptions;
  readonly #bySource = new Map<number, Entry>();
  readonly #waiting = new Map<string, { viewer: Viewer; message: Watching }>();
  readonly #ending = new Set<Promise<void>>();
  #nextHandle = FIRST_HANDLE;
  #nextFeeder = -1;

  constructor(options: Mpeg1StreamsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#bySource.size;
  }

  /** The encoders as viewers of the relay, which looks after their backlog. */
  get feeders(): Viewer[] {
    return [...this.#bySource.values()].map(({ feeder }) => feeder);
  }

  /** A tile of a viewer gets what is made of a handle. */
  attach(viewer: Viewer, message: Watching): void {
    const { relay, clock } = this.#options;
    this.forget(viewer.viewerId, message.tile);
    const entry = this.#bySource.get(message.handle) ?? this.#begin(message.handle);
    if (entry === null) {
      this.#waiting.set(keyOf(viewer.viewerId, message.tile), { viewer, message });
      viewer.tell({ type: 'tile', tile: message.tile, reason: 'transcoder-busy', sinceMs: clock.nowMs() });
      return;
    }
    entry.idleSinceMs = null;
    relay.attach(viewer, { ...message, handle: entry.handle }, clock.nowMs(), false);
  }

  /** A tile waits for a place no longer. */
  forget(viewerId: number, tile: string): void {
    this.#waiting.delete(keyOf(viewerId, tile));
  }

  /** A viewer is gone. */
  remove(viewerId: number): void {
    for (const [key, { viewer }] of this.#waiting) if (viewer.viewerId === viewerId) this.#waiting.delete(key);
  }

  /** The camera's stream is not watched any more. */
  close(source: number): void {
    const entry = this.#bySource.get(source);
    if (entry !== undefined) this.#end(entry);
  }

  /** Ends what nobody watches, and gives its place away; once a second. */
  check(): void {
    const { relay, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    for (const entry of [...this.#bySource.values()]) {
      if (relay.audience(entry.handle) > 0) entry.idleSinceMs = null;
      else entry.idleSinceMs ??= nowMs;
      const isWanted = this.#waiting.size > 0 && this.#isFull;
      if (entry.idleSinceMs !== null && (isWanted || nowMs - entry.idleSinceMs >= LINGER_MS)) this.#end(entry);
    }
    for (const { viewer, message } of [...this.#waiting.values()]) {
      if (!this.#isFull || this.#bySource.has(message.handle)) this.attach(viewer, message);
    }
  }

  async stop(): Promise<void> {
    this.#waiting.clear();
    for (const entry of [...this.#bySource.values()]) this.#end(entry);
    await Promise.all(this.#ending);
  }

  get #isFull(): boolean {
    return this.#bySource.size >= this.#options.limits.mpeg1Streams;
  }

  #begin(source: number): Entry | null {
    if (this.#isFull) return null;
    const { relay, limits, encoder, clock, log } = this.#options;
    const handle = this.#nextHandle++;
    const streamKey = `${TILE}.${source}`;
    const nowMs = clock.nowMs();
    relay.open({ handle, edgeId: HUB_ITSELF, streamKey, reason: 'starting', sinceMs: nowMs }, nowMs);
    const stream = new Mpeg1Stream({
      ...{ handle, spawn: encoder(), clock, log },
      send: (envelope) => relay.take(HUB_ITSELF, streamKey, envelope, clock.nowMs()),
      tell: (reason, sinceMs) => relay.tell(handle, reason, sinceMs),
    });
    const feeder = new Viewer(this.#nextFeeder--, stream, limits);
    const entry: Entry = { source, handle, stream, feeder, idleSinceMs: null };
    this.#bySource.set(source, entry);
    const message = {
      type: 'watching',
      tile: TILE,
      handle: source,
      deviceId: '',
      stream: 'main',
      why: 'codec',
    } as const;
    relay.attach(feeder, message, nowMs, false);
    return entry;
  }

  #end(entry: Entry): void {
    const { relay } = this.#options;
    this.#bySource.delete(entry.source);
    relay.remove(entry.feeder);
    relay.close(entry.handle);
    const ending = entry.stream.stop();
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }
}

function keyOf(viewerId: number, tile: string): string {
  return `${viewerId}/${tile}`;
}
