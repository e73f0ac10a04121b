import type { Device } from '../../contract/api/devices.ts';
import { messageOf } from '../../contract/errors.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { type Session, tokenFromCookies, tokenHash } from '../access/session.ts';
import type { LinkViolation } from '../broker/link.ts';
import type { Commands } from '../commands/commands.ts';
import type { HubEvents } from '../hub-events.ts';
import { type ReaderBook, RepublishDesk } from '../republish/desk.ts';
import { MediaWorker } from './media-worker.ts';
import type { Admission, FromMediaThread, LiveWorkerData, ToMediaThread } from './protocol.ts';
import { Talks, type TalksOptions } from './talks.ts';
import { TileBook } from './tile-book.ts';
import { WatchedStreams } from './watched-streams.ts';

/** The media thread, or what a test puts in its place. */
export type MediaPort = Pick<MediaWorker, 'start' | 'post' | 'stop'>;

/** What {@link Live} is built from. */
export interface LiveOptions {
  /** What the media thread is started with. */
  thread: LiveWorkerData;
  maxStreams: number;
  /** Open connections of one account. */
  viewersPerAccount: number;
  orders: Pick<Commands, 'send'>;
  events: HubEvents;
  clock: Clock;
  log: Log;
  device(deviceId: string): Device | null;
  isEdgeOnline(edgeId: string): boolean;
  isAuthenticEdge(edgeId: string, secret: Uint8Array): Promise<boolean>;
  /** A valid session that may be used; null when there is none. */
  session(sessionId: string): Promise<Session | null>;
  /** Whether somebody may see live pictures of a device in this region. */
  mayView(session: Session, regionId: string | null): boolean;
  /** Whether somebody may speak through a device in this region. */
  mayTalk(session: Session, regionId: string | null): boolean;
  audit: TalksOptions['audit'];
  onViolation(violation: LinkViolation): void;
  /** Accounts of other programs that read over RTSP; absent: none read. */
  readers?: ReaderBook | null;
  /** Makes the media thread; a test puts its own in its place. */
  newWorker?(data: LiveWorkerData): MediaPort;
}

const CHECK_SESSIONS_EVERY_MS = 15_000;
const RESTART_AFTER_MS = 1000;

/**
 * Live pictures, as the main thread sees them: who may watch what, and which streams the edges have to send. The
 * pictures themselves stay in the media thread.
 */
export class Live {
  readonly #options: LiveOptions;
  readonly #streams: WatchedStreams;
  readonly #tiles: TileBook;
  readonly #talks: Talks;
  readonly #desk: RepublishDesk | null;
  #worker: MediaPort | null = null;
  #ports = { livePort: 0, mediaPort: 0, rtspPort: 0 };
  #counters: Record<string, number> = {};
  #restarts = 0;
  #timers: TimerHandle[] = [];
  #unlisten: (() => void)[] = [];
  #isStopped = true;

  constructor(options: LiveOptions) {
    this.#options = options;
    const post = (message: ToMediaThread): void => this.#worker?.post(message);
    const onSent = (handle: number): void => this.#tiles.sent(handle);
    this.#streams = new WatchedStreams({ ...options, post, onSent });
    this.#tiles = new TileBook({ ...options, streams: this.#streams, post });
    this.#talks = new Talks({ ...options, post });
    this.#desk = this.#buildDesk();
  }

  /** Port of the viewers' WebSocket; 0 before `start()`. */
  get livePort(): number {
    return this.#ports.livePort;
  }

  /** Port of the edges' media broker; 0 before `start()` and with an external broker. */
  get mediaPort(): number {
    return this.#ports.mediaPort;
  }

  /** Port on which other programs read over RTSP; 0 before `start()` and while that is off. */
  get rtspPort(): number {
    return this.#ports.rtspPort;
  }

  /** Listens for edges' pictures and for viewers. Rejects with PORT_TAKEN. */
  async start(): Promise<void> {
    this.#isStopped = false;
    const { events, clock } = this.#options;
    await this.#startWorker(this.#options.thread);
    this.#streams.start();
    this.#timers = [clock.every(CHECK_SESSIONS_EVERY_MS, () => this.#recheckAll())];
    this.#unlisten = [
      events.on('edge', ({ edgeId }) => this.#streams.refresh({ edgeId })),
      events.on('edgeJoined', (edgeId) => this.#worker?.post({ type: 'end-edge', edgeId })),
      events.on('device', ({ deviceId }) => this.#deviceChanged(deviceId)),
      events.on('deviceRemoved', (deviceId) => this.#deviceChanged(deviceId)),
      events.on('accountChanged', (account) => {
        void this.#recheck((session) => session.account === account);
        void this.#desk?.recheck(() => true);
      }),
      events.on('sessionEnded', (ended) => {
        // All sessions end when an account is disabled.
        if ('account' in ended) void this.#desk?.recheck(() => true);
        for (const [viewerId, session] of this.#tiles.viewers()) {
          const isMeant =
            'sessionId' in ended
              ? ended.sessionId === session.sessionId
              : ended.account === session.account && ended.exceptSessionId !== session.sessionId;
          if (isMeant) this.#worker?.post({ type: 'end-viewer', viewerId });
        }
      }),
    ];
  }

  /** Tells the edges to stop sending and ends every connection. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#timers) timer.cancel();
    for (const unlisten of this.#unlisten) unlisten();
    this.#talks.stop();
    await this.#streams.stop();
    await this.#worker?.stop();
    this.#worker = null;
    this.#tiles.clear();
  }

  /** Counters of the media thread, about a second old. */
  counters(): Record<string, number> {
    return {
      ...this.#counters,
      watchedStreams: this.#streams.size,
      talks: this.#talks.size,
      ...(this.#desk === null ? {} : { rtspReaders: this.#desk.readers }),
      threadRestarts: this.#restarts,
    };
  }

  async #startWorker(data: LiveWorkerData): Promise<void> {
    const worker = this.#options.newWorker?.(data) ?? new MediaWorker(data);
    this.#worker = worker;
    const ports = await worker.start(
      (message) => this.#take(message, worker),
      (error) => this.#lost(error),
    );
    this.#ports = { ...ports, rtspPort: ports.rtspPort ?? 0 };
  }

  /** The thread died: viewers connect again by themselves and ask for everything anew. */
  #lost(error: Error): void {
    const { log, clock, thread } = this.#options;
    log.error({ err: error }, 'the thread for live pictures ended; it is started again');
    this.#restarts++;
    this.#worker = null;
    for (const [viewerId] of this.#tiles.viewers()) this.#gone(viewerId);
    this.#desk?.clear();
    const { livePort, mediaPort, rtspPort } = this.#ports;
    const { source, republish } = thread;
    const again: LiveWorkerData = {
      ...thread,
      listen: { ...thread.listen, port: livePort },
      republish: republish == null ? null : { ...republish, port: rtspPort },
      source: source.kind === 'embedded' ? { ...source, port: mediaPort } : source,
    };
    const timer = clock.after(RESTART_AFTER_MS, () => {
      if (this.#isStopped) return;
      this.#startWorker(again).then(
        () => this.#streams.reopen(),
        (failure: Error) => this.#lost(failure),
      );
    });
    this.#timers.push(timer);
  }

  #take(message: FromMediaThread, worker: MediaPort): void {
    switch (message.type) {
      case 'edge':
        return void this.#authenticate(worker, message);
      case 'viewer':
        return void this.#admit(worker, message);
      case 'hello':
        return this.#tiles.hello(message.viewerId, message.codecs);
      case 'watch':
        return this.#tiles.watch(message.viewerId, message.order);
      case 'unwatch':
        this.#tiles.unwatch(message.viewerId, message.tile);
        // The thread has let go of the tile already, but an `attach` may have been on its way to it meanwhile.
        worker.post({ type: 'detach', viewerId: message.viewerId, tile: message.tile });
        return;
      case 'gone':
        return this.#gone(message.viewerId);
      case 'talk':
        return this.#talk(message.viewerId, message.deviceId);
      case 'talk-end':
        return this.#talks.end(message.viewerId, 'released');
      case 'init':
        return this.#tiles.learn(message.handle, message.description);
      case 'flow':
        return this.#streams.onFlow(message.handle, message.flow, message.endReason);
      case 'violation':
        return this.#options.onViolation(message.violation);
      case 'republish':
        return this.#desk?.take(message.message);
      case 'counters':
        this.#counters = message.counters;
        return;
      case 'ready':
      case 'failed':
      case 'stopped':
        return;
    }
  }

  #gone(viewerId: number): void {
    this.#talks.remove(viewerId);
    this.#tiles.remove(viewerId);
  }

  #talk(viewerId: number, deviceId: string): void {
    const who = this.#tiles.viewer(viewerId);
    if (who !== null) void this.#talks.begin(viewerId, who, deviceId);
  }

  #buildDesk(): RepublishDesk | null {
    const { readers, device, mayView, audit, log } = this.#options;
    if (readers === undefined || readers === null) return null;
    const demand = { priority: 0, audio: true };
    return new RepublishDesk({
      ...{ readers, device, mayView, log },
      audit: (record) => audit.append(record),
      watch: (wanted, stream, watcher) => this.#streams.watch(wanted, { stream, transcode: false }, watcher, demand),
      unwatch: (handle, watcher) => this.#streams.unwatch(handle, watcher),
      post: (message) => this.#worker?.post({ type: 'republish', message }),
    });
  }

  #recheckAll(): void {
    void this.#recheck(() => true);
    void this.#desk?.recheck(() => true);
  }

  /** An answer goes to the worker that asked: another one may have begun meanwhile. */
  async #authenticate(
    worker: MediaPort,
    { request, edgeId, secret }: Extract<FromMediaThread, { type: 'edge' }>,
  ): Promise<void> {
    let isAuthentic = false;
    try {
      isAuthentic = await this.#options.isAuthenticEdge(edgeId, secret);
    } catch (error) {
      this.#options.log.error({ edge: edgeId, reason: messageOf(error) }, 'the credential of an edge was not checked');
    }
    worker.post({ type: 'edge', request, isAuthentic });
  }

  async #admit(
    worker: MediaPort,
    { request, viewerId, cookie, address }: Extract<FromMediaThread, { type: 'viewer' }>,
  ): Promise<void> {
    const token = tokenFromCookies(cookie);
    let session: Session | null = null;
    try {
      session = token === null ? null : await this.#options.session(tokenHash(token));
    } catch (error) {
      this.#options.log.error({ reason: messageOf(error) }, 'the session of a viewer was not checked');
    }
    if (worker !== this.#worker) return;
    const admission = this.#admission(session);
    if (session !== null && admission === 'admitted') this.#tiles.add(viewerId, session, address);
    worker.post({ type: 'viewer', request, viewerId, admission });
  }

  #admission(session: Session | null): Admission {
    if (session === null) return 'not-signed-in';
    return this.#tiles.countOf(session.account) < this.#options.viewersPerAccount ? 'admitted' : 'too-many';
  }

  /** Reads sessions again: they may be over, or their role, their area or a device's region may have changed. */
  async #recheck(which: (session: Session) => boolean): Promise<void> {
    for (const [viewerId, before] of this.#tiles.viewers()) {
      if (!which(before)) continue;
      let session: Session | null = null;
      try {
        session = await this.#options.session(before.sessionId);
      } catch (error) {
        this.#options.log.warn({ reason: messageOf(error) }, 'the session of a viewer was not checked; it was cut off');
      }
      if (session === null) this.#worker?.post({ type: 'end-viewer', viewerId });
      else {
        this.#tiles.renew(viewerId, session);
        this.#talks.recheck(viewerId, session);
      }
    }
  }

  #deviceChanged(deviceId: string): void {
    void this.#desk?.recheck((reader) => reader.deviceId === deviceId);
    this.#streams.refresh({ deviceId });
    this.#tiles.deviceChanged(deviceId);
    this.#talks.deviceChanged(deviceId);
  }
}
