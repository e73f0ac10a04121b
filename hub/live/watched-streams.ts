import { randomInt } from 'node:crypto';
import type { Device } from '../../contract/api/devices.ts';
import type { TileReason } from '../../contract/live.ts';
import { streamKey } from '../../contract/topics.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { Commands } from '../commands/commands.ts';
import type { Flow, ToMediaThread } from './protocol.ts';
import { type StreamDemand, StreamLease } from './stream-lease.ts';
import { tileReason } from './tile-reason.ts';

/** After the last viewer left, a stream goes on for this long, so that changing tiles does not restart it. */
const LINGER_MS = 5000;
/** Handles begin somewhere: after a restart of the hub an edge's old ones must not fit new streams. */
const HANDLE_START_MAX = 0x7fffffff;

/** What {@link WatchedStreams} needs. */
export interface WatchedStreamsOptions {
  orders: Pick<Commands, 'send'>;
  clock: Clock;
  log: Log;
  maxStreams: number;
  device(deviceId: string): Device | null;
  isEdgeOnline(edgeId: string): boolean;
  post(message: ToMediaThread): void;
  /** The edge said which stream it really sends under a handle, and it is another than it said before. */
  onSent(handle: number): void;
}

/** One of a camera's streams, as it is or encoded anew by the edge. */
export interface StreamVariant {
  stream: 'main' | 'sub';
  transcode: boolean;
}

interface Watched {
  lease: StreamLease;
  /** What each of those who watch wants. */
  watchers: Map<string, StreamDemand>;
  sent: 'main' | 'sub' | null;
  linger: TimerHandle | null;
  reason: TileReason;
  sinceMs: number;
  flow: Flow | null;
  endReason: string | null;
  /** Since when nothing comes although it was ordered. */
  waitingSinceMs: number;
}

/** Streams that somebody watches: which handle each has, whether it comes, and what its tiles are told. */
export class WatchedStreams {
  readonly #options: WatchedStreamsOptions;
  readonly #byHandle = new Map<number, Watched>();
  readonly #byKey = new Map<string, Watched>();
  /** Those that nobody watches any more, oldest first. */
  readonly #lingering = new Set<Watched>();
  #nextHandle = randomInt(1, HANDLE_START_MAX);
  #timer: TimerHandle | null = null;

  constructor(options: WatchedStreamsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = this.#options.clock.every(1000, () => {
      for (const watched of this.#byHandle.values()) this.#update(watched);
    });
  }

  /** Ends every stream. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    await Promise.all([...this.#byHandle.values()].map((watched) => this.#end(watched)));
  }

  get size(): number {
    return this.#byHandle.size;
  }

  /**
   * Somebody watches a stream, or wants something else of it than before.
   * @param watcher names who it is
   * @returns its handle, or null when there are too many streams
   */
  watch(device: Device, variant: StreamVariant, watcher: string, demand: StreamDemand): number | null {
    const key = `${device.edgeId}/${streamKey(device.deviceId, variant.stream, variant.transcode)}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      known.watchers.set(watcher, demand);
      known.linger?.cancel();
      known.linger = null;
      this.#lingering.delete(known);
      known.lease.ask(together(known.watchers));
      return known.lease.stream.handle;
    }
    if (this.#byHandle.size >= this.#options.maxStreams) {
      const [oldest] = this.#lingering;
      if (oldest === undefined) return null;
      void this.#end(oldest);
    }
    return this.#begin(key, device, variant, new Map([[watcher, demand]]));
  }

  /** Somebody watches it no more. */
  unwatch(handle: number, watcher: string): void {
    const watched = this.#byHandle.get(handle);
    if (watched?.watchers.delete(watcher) !== true) return;
    if (watched.watchers.size > 0) watched.lease.ask(together(watched.watchers));
    else {
      this.#lingering.add(watched);
      watched.linger = this.#options.clock.after(LINGER_MS, () => void this.#end(watched));
    }
  }

  /** The stream that the edge says it sends under a handle; null when it has not said so. */
  sent(handle: number): 'main' | 'sub' | null {
    return this.#byHandle.get(handle)?.sent ?? null;
  }

  /** The media thread says whether a stream comes. */
  onFlow(handle: number, flow: Flow, endReason: string | null): void {
    const watched = this.#byHandle.get(handle);
    if (watched === undefined) return;
    watched.flow = flow;
    watched.endReason = endReason;
    watched.waitingSinceMs = this.#options.clock.nowMs();
    if (flow === 'no-init') void watched.lease.restart();
    // An end by the edge's own decision (lost lease, replaced) is repaired by the next order; it may as well come now.
    if (flow === 'ended') watched.lease.poke();
    this.#update(watched, flow === 'silent');
  }

  /** An edge or a device reported something. */
  refresh(which: { edgeId: string } | { deviceId: string }): void {
    for (const watched of this.#byHandle.values()) {
      const { edgeId, deviceId } = watched.lease.stream;
      if ('edgeId' in which ? which.edgeId !== edgeId : which.deviceId !== deviceId) continue;
      const wasOffline = watched.reason === 'edge-offline' || watched.lease.refusal !== null;
      if (wasOffline && this.#options.isEdgeOnline(edgeId)) watched.lease.poke();
      this.#update(watched);
    }
  }

  /** The media thread was started anew and knows no handle: everything that is watched has to come from its beginning. */
  reopen(): void {
    for (const watched of this.#byHandle.values()) {
      watched.flow = null;
      watched.waitingSinceMs = this.#options.clock.nowMs();
      this.#postOpen(watched);
      void watched.lease.restart();
    }
  }

  #begin(key: string, device: Device, variant: StreamVariant, watchers: Map<string, StreamDemand>): number {
    const { orders, clock, log } = this.#options;
    const handle = this.#nextHandle++;
    const { edgeId, deviceId } = device;
    const onChange = (): void => this.#answered(watched);
    const { stream, transcode } = variant;
    const leased = { handle, edgeId, deviceId, stream, transcode };
    const lease = new StreamLease(leased, { orders, clock, log, demand: together(watchers), onChange });
    const nowMs = clock.nowMs();
    const watched: Watched = {
      ...{ lease, watchers, sent: null, linger: null, flow: null, endReason: null },
      ...{ reason: 'starting', sinceMs: nowMs, waitingSinceMs: nowMs },
    };
    watched.reason = this.#reasonOf(watched, false);
    this.#byHandle.set(handle, watched);
    this.#byKey.set(key, watched);
    this.#postOpen(watched);
    lease.poke();
    return handle;
  }

  #answered(watched: Watched): void {
    const { sent } = watched.lease;
    const isNews = sent !== watched.sent;
    watched.sent = sent;
    this.#update(watched);
    if (isNews) this.#options.onSent(watched.lease.stream.handle);
  }

  #postOpen({ lease, reason, sinceMs }: Watched): void {
    const { handle, edgeId } = lease.stream;
    this.#options.post({ type: 'open', handle, edgeId, streamKey: lease.key, reason, sinceMs });
  }

  #update(watched: Watched, isSilent = false): void {
    const { handle } = watched.lease.stream;
    const reason = this.#reasonOf(watched, isSilent);
    if (reason === watched.reason || !this.#byHandle.has(handle)) return;
    watched.reason = reason;
    watched.sinceMs = this.#options.clock.nowMs();
    this.#options.post({ type: 'reason', handle, reason, sinceMs: watched.sinceMs });
  }

  #reasonOf({ lease, flow, endReason, waitingSinceMs, reason }: Watched, isSilent: boolean): TileReason {
    const { deviceId, edgeId, stream } = lease.stream;
    const device = this.#options.device(deviceId);
    const streams = device?.edge?.streams ?? [];
    const streamReason = streams.find(({ name }) => name === stream)?.reason ?? null;
    const wasSilent = isSilent || (reason === 'no-signal' && flow !== 'flowing');
    return tileReason({
      isEdgeOnline: this.#options.isEdgeOnline(edgeId),
      device: device === null ? null : { isOnline: device.online, reason: device.reason, streamReason },
      refusal: lease.refusal,
      flow,
      endReason,
      waitedMs: wasSilent ? Number.POSITIVE_INFINITY : this.#options.clock.nowMs() - waitingSinceMs,
    });
  }

  async #end(watched: Watched): Promise<void> {
    const { handle, edgeId } = watched.lease.stream;
    watched.linger?.cancel();
    this.#lingering.delete(watched);
    this.#byHandle.delete(handle);
    this.#byKey.delete(`${edgeId}/${watched.lease.key}`);
    this.#options.post({ type: 'close', handle });
    await watched.lease.end();
  }
}

function together(watchers: ReadonlyMap<string, StreamDemand>): StreamDemand {
  const all = [...watchers.values()];
  return { priority: Math.max(0, ...all.map(({ priority }) => priority)), audio: all.some(({ audio }) => audio) };
}
