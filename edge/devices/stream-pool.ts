import type { StreamInfo } from '../../contract/device.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import { REFUSED_PASSWORD_WAIT_MS } from '../media/limits.ts';
import type { MediaConsumer, StreamStats } from '../media/types.ts';
import type { StreamSourceInfo } from './driver.ts';
import { streamReason } from './stream-reason.ts';

/** The part of a media stream that is used here. */
export interface PulledStream {
  subscribe(consumer: MediaConsumer, options?: { withLastGop?: boolean }): () => void;
  stats(): StreamStats;
}

/** Pulls streams, one pull each; `edge/media` provides it. */
export interface StreamPuller {
  ensure(
    key: `${string}/${string}`,
    source: {
      url: string;
      username?: string;
      password?: string;
      trust?: 'system' | 'any';
      transport?: 'auto' | 'tcp' | 'udp';
    },
  ): PulledStream;
  remove(key: `${string}/${string}`): Promise<void>;
}

/** One that the pool gave out. */
export interface PooledStream extends UsedStream {
  stats(): StreamStats;
}

/** A stream that somebody uses. */
export interface UsedStream {
  stream: 'main' | 'sub';
  subscribe(consumer: MediaConsumer, options: { withLastGop?: boolean }): () => void;
  /** May be called once; the pull ends a while after the last user has gone. */
  release(): void;
}

/** What is known of a device's sound from its streams. */
export interface SeenSound {
  listen: boolean;
  talk: boolean;
}

interface Entry {
  source: StreamSourceInfo;
  stream: PulledStream | null;
  users: number;
  linger: TimerHandle | null;
  unsubscribe: () => void;
  /** Its camera was seen to send sound with it, or to take some. */
  seen: SeenSound;
}

/** A pull without users goes on for so long: whoever switches back gets a picture at once. */
const LINGER_MS = 10_000;

/** Which streams the devices have, and which of them are being pulled for somebody. */
export class StreamPool {
  readonly #puller: StreamPuller;
  readonly #clock: Clock;
  readonly #onChange: (deviceId: string) => void;
  readonly #watchers = new Map<string, Set<() => void>>();
  readonly #devices = new Map<string, Map<'main' | 'sub', Entry>>();

  /** @param onChange the state of one of the device's streams changed */
  constructor(puller: StreamPuller, clock: Clock, onChange: (deviceId: string) => void) {
    this.#puller = puller;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /**
   * Says where a device's streams come from. Users of a stream whose source changed hear nothing more and have to open
   * it again; resolves with whether there was such a change.
   */
  async setSources(deviceId: string, sources: readonly StreamSourceInfo[]): Promise<boolean> {
    const before = this.#devices.get(deviceId) ?? new Map<'main' | 'sub', Entry>();
    const after = new Map<'main' | 'sub', Entry>();
    let changed = before.size !== sources.length;
    for (const source of sources) {
      const known = before.get(source.name);
      if (known !== undefined && sameSource(known.source, source)) {
        known.source = source;
        after.set(source.name, known);
      } else {
        changed = true;
        after.set(source.name, {
          source,
          stream: null,
          users: 0,
          linger: null,
          unsubscribe: () => undefined,
          seen: { listen: false, talk: false },
        });
      }
    }
    this.#devices.set(deviceId, after);
    const dropped = [...before].filter(([name, entry]) => after.get(name) !== entry);
    await Promise.all(dropped.map(([name, entry]) => this.#end(deviceId, name, entry)));
    return changed;
  }

  /** Ends all pulls of a device. */
  async remove(deviceId: string): Promise<void> {
    await this.setSources(deviceId, []);
    this.#devices.delete(deviceId);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#devices.keys()].map((deviceId) => this.remove(deviceId)));
  }

  /** Whether a device has any stream. */
  has(deviceId: string): boolean {
    return (this.#devices.get(deviceId)?.size ?? 0) > 0;
  }

  /**
   * Uses a stream; `main` stands in for a `sub` that the device does not have.
   * @throws SharpEyesError STREAM_UNKNOWN
   */
  open(deviceId: string, wanted: 'main' | 'sub'): PooledStream {
    const streams = this.#devices.get(deviceId);
    const name = streams?.has(wanted) === true ? wanted : 'main';
    const entry = streams?.get(name);
    if (entry === undefined) throw new SharpEyesError('STREAM_UNKNOWN', `${deviceId} has no stream that can be shown`);
    entry.users += 1;
    entry.linger?.cancel();
    entry.linger = null;
    const stream = this.#pull(deviceId, name, entry);
    let isReleased = false;
    return {
      stream: name,
      subscribe: (consumer, options) => stream.subscribe(consumer, options),
      stats: () => stream.stats(),
      release: () => {
        if (isReleased) return;
        isReleased = true;
        entry.users -= 1;
        if (entry.users > 0 || entry.stream === null) return;
        // A pull that waits after a refused password is kept: ended, the next user would sign in once more.
        const lingerMs = entry.stream.stats().reason === 'refused-credentials' ? REFUSED_PASSWORD_WAIT_MS : LINGER_MS;
        entry.linger = this.#clock.after(lingerMs, () => void this.#end(deviceId, name, entry));
      },
    };
  }

  /** The device's streams as its page shows them. */
  info(deviceId: string): StreamInfo[] {
    return [...(this.#devices.get(deviceId)?.values() ?? [])].map(({ source, stream }) => infoOf(source, stream));
  }

  /** Whether one of the device's streams was seen to carry sound, in either direction. */
  sound(deviceId: string): SeenSound {
    const all: SeenSound = { listen: false, talk: false };
    for (const { stream, seen } of this.#devices.get(deviceId)?.values() ?? []) {
      const stats = stream?.stats();
      seen.listen ||= stats !== undefined && stats.audio !== null;
      seen.talk ||= stats?.backChannel === true;
      all.listen ||= seen.listen;
      all.talk ||= seen.talk;
    }
    return all;
  }

  /** Where a stream comes from; `main` unless the device has none. Null when there is none at all. */
  source(deviceId: string): StreamSourceInfo | null {
    const streams = this.#devices.get(deviceId);
    return (streams?.get('main') ?? streams?.get('sub'))?.source ?? null;
  }

  /** Calls `listener` when the state of one of the device's streams changes; returns the function that ends it. */
  watch(deviceId: string, listener: () => void): () => void {
    const listeners = this.#watchers.get(deviceId) ?? new Set();
    this.#watchers.set(deviceId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#watchers.delete(deviceId);
    };
  }

  #changed(deviceId: string): void {
    for (const listener of this.#watchers.get(deviceId) ?? []) listener();
    this.#onChange(deviceId);
  }

  #pull(deviceId: string, name: 'main' | 'sub', entry: Entry): PulledStream {
    if (entry.stream !== null) return entry.stream;
    const { url, username, password, transport = 'auto' } = entry.source;
    const credentials = username === null ? {} : { username, password: password ?? '' };
    // Cameras sign their own certificates; nobody could verify them, and the password is safe with Digest.
    const stream = this.#puller.ensure(`${deviceId}/${name}`, { url, trust: 'any', transport, ...credentials });
    entry.stream = stream;
    entry.unsubscribe = stream.subscribe({
      onInit: () => undefined,
      onFragment: () => undefined,
      onState: () => this.#changed(deviceId),
    });
    return stream;
  }

  async #end(deviceId: string, name: 'main' | 'sub', entry: Entry): Promise<void> {
    entry.linger?.cancel();
    entry.linger = null;
    if (entry.stream === null) return;
    entry.unsubscribe();
    entry.stream = null;
    await this.#puller.remove(`${deviceId}/${name}`);
    this.#changed(deviceId);
  }
}

function sameSource(a: StreamSourceInfo, b: StreamSourceInfo): boolean {
  const sameAccess = a.username === b.username && a.password === b.password;
  return a.url === b.url && sameAccess && (a.transport ?? 'auto') === (b.transport ?? 'auto');
}

function infoOf(source: StreamSourceInfo, stream: PulledStream | null): StreamInfo {
  const { name, codec, width, height, fps } = source;
  if (stream === null) return { name, codec, width, height, fps, bitrate: null, state: 'idle', reason: 'ok' };
  const stats = stream.stats();
  return {
    name,
    codec: stats.codec ?? codec,
    width: stats.width ?? width,
    height: stats.height ?? height,
    fps: stats.state === 'live' ? Math.round(stats.fps) : fps,
    // Coarse, so that the inventory is not said anew with every second's rate.
    bitrate: stats.state === 'live' ? Math.round(stats.bitrate / 100_000) * 100_000 : null,
    state: stats.state === 'stopped' ? 'idle' : stats.state,
    reason: streamReason(stats.reason),
  };
}
