import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import { parseViewerMessage } from '../../contract/live.ts';
import { parseTopic } from '../../contract/topics.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import { findFfmpeg } from '../../platform/ffmpeg/find.ts';
import type { Log } from '../../platform/log.ts';
import { EmbeddedBroker } from '../broker/embedded.ts';
import { ExternalLink } from '../broker/external.ts';
import { RepublishThread } from '../republish/thread-side.ts';
import { loadMuxer, spawnMpeg1 } from './mpeg1/mpeg1-process.ts';
import { HUB_ITSELF, Mpeg1Streams } from './mpeg1/mpeg1-streams.ts';
import {
  type Admission,
  type FromMediaThread,
  type LiveWorkerData,
  REQUEST_START_MAX,
  type ToMediaThread,
} from './protocol.ts';
import { Receipts } from './receipts.ts';
import { Relay } from './relay.ts';
import { TalkRelay } from './talk-relay.ts';
import { Viewer } from './viewer.ts';
import { type ViewerConnection, ViewerServer } from './viewer-server.ts';

const ASK_TIMEOUT_MS = 10_000;
const ASKING_MAX = 1000;
const CHECK_EVERY_MS = 1000;

/** Everything that runs in the media thread: the edges' media broker, the relay and the viewers' WebSocket. */
export class MediaThread {
  readonly #data: LiveWorkerData;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #post: (message: FromMediaThread) => void;
  readonly #relay: Relay;
  readonly #mpeg1: Mpeg1Streams;
  readonly #receipts: Receipts;
  readonly #talks: TalkRelay;
  readonly #republish: RepublishThread | null;
  readonly #link: EmbeddedBroker | ExternalLink;
  readonly #server: ViewerServer;
  readonly #viewers = new Map<number, Viewer>();
  readonly #connections = new Map<number, ViewerConnection>();
  readonly #asking = new Map<number, { settle: (answer: Admission) => void; timer: TimerHandle }>();
  #lastRequest = randomInt(REQUEST_START_MAX);
  #timer: TimerHandle | null = null;

  constructor(
    data: LiveWorkerData,
    { clock, log, post }: { clock: Clock; log: Log; post: (message: FromMediaThread) => void },
  ) {
    this.#data = data;
    this.#clock = clock;
    this.#log = log;
    this.#post = post;
    this.#receipts = new Receipts({ clock, publish: (topic, payload) => this.#tell(topic, payload) });
    this.#talks = new TalkRelay({
      clock,
      publish: (topic, payload) => this.#tell(topic, payload),
      onSilent: (viewerId) => post({ type: 'talk-end', viewerId }),
    });
    this.#relay = new Relay(data.limits, {
      onFlow: (handle, flow, endReason) => post({ type: 'flow', handle, flow, endReason }),
      onInit: (handle, description) => post({ type: 'init', handle, description }),
      onFragment: (edgeId, fragment, bytes) => {
        if (edgeId !== HUB_ITSELF) this.#receipts.arrived(edgeId, fragment, bytes);
      },
    });
    this.#mpeg1 = new Mpeg1Streams({ relay: this.#relay, limits: data.limits, encoder: mpeg1Encoder, clock, log });
    this.#republish = this.#buildRepublish();
    this.#link = this.#buildLink();
    this.#server = this.#buildServer();
  }

  /** Listens for edges and viewers. Rejects with PORT_TAKEN. */
  async start(): Promise<{ livePort: number; mediaPort: number; rtspPort: number }> {
    this.#link.onMessage((topic, payload) => {
      const parsed = parseTopic(topic);
      if (parsed?.kind === 'media') this.#relay.take(parsed.edgeId, parsed.stream, payload, this.#clock.nowMs());
    });
    await this.#link.start();
    this.#receipts.start();
    const livePort = await this.#server.start();
    this.#timer = this.#clock.every(CHECK_EVERY_MS, () => this.#check());
    const rtspPort = (await this.#republish?.start()) ?? 0;
    return { livePort, mediaPort: this.#link instanceof EmbeddedBroker ? this.#link.port : 0, rtspPort };
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#receipts.stop();
    for (const request of [...this.#asking.keys()]) this.#answer(request, 'not-signed-in');
    await this.#republish?.stop();
    await this.#server.stop();
    await this.#mpeg1.stop();
    await this.#link.stop();
  }

  /** An order of the main thread. */
  take(message: ToMediaThread): void {
    switch (message.type) {
      case 'edge':
        this.#answer(message.request, message.isAuthentic ? 'admitted' : 'not-signed-in');
        return;
      case 'viewer': {
        const { request, viewerId, admission } = message;
        const isLate = !this.#answer(request, admission);
        // It was turned away for want of an answer; the main thread believes that it is here.
        if (isLate && admission === 'admitted') this.#post({ type: 'gone', viewerId });
        return;
      }
      case 'open':
        return this.#relay.open(message, this.#clock.nowMs());
      case 'close':
        this.#mpeg1.close(message.handle);
        return this.#relay.close(message.handle);
      case 'attach': {
        const viewer = this.#viewers.get(message.viewerId);
        if (viewer !== undefined && message.mpeg1) this.#mpeg1.attach(viewer, message.message);
        else if (viewer !== undefined) {
          this.#relay.attach(viewer, message.message, this.#clock.nowMs(), message.audio);
        }
        return;
      }
      case 'detach': {
        const viewer = this.#viewers.get(message.viewerId);
        if (viewer === undefined) return;
        this.#mpeg1.forget(message.viewerId, message.tile);
        return this.#relay.detach(viewer, message.tile);
      }
      case 'tell':
        return this.#viewers.get(message.viewerId)?.tell(message.message);
      case 'reason':
        return this.#relay.tell(message.handle, message.reason, message.sinceMs);
      case 'talk-open':
        return this.#talks.open(message);
      case 'talk-close':
        return this.#talks.close(message.viewerId);
      case 'end-viewer':
        return this.#connections.get(message.viewerId)?.terminate();
      case 'end-edge':
        return this.#link.disconnect(message.edgeId);
      case 'republish':
        return this.#republish?.take(message.message);
      case 'stop':
        return;
    }
  }

  /** To an edge; it may get lost. */
  #tell(topic: string, payload: Uint8Array): void {
    this.#link
      .publish(topic, payload, { qos: 0 })
      .catch((error: unknown) => this.#log.debug({ topic }, `not sent: ${messageOf(error)}`));
  }

  #buildRepublish(): RepublishThread | null {
    const { republish, tls } = this.#data;
    if (republish === undefined || republish === null) return null;
    return new RepublishThread(republish, {
      ...{ tls, clock: this.#clock, log: this.#log.child({ part: 'republish' }) },
      post: (message) => this.#post({ type: 'republish', message }),
      tap: (handle, tap) => this.#relay.tap(handle, tap),
    });
  }

  #buildLink(): EmbeddedBroker | ExternalLink {
    const { source, tls } = this.#data;
    const log = this.#log;
    if (source.kind === 'external') {
      const { url, user, password, caPem } = source;
      return new ExternalLink({ lane: 'media', url, user, password, caPem, log });
    }
    const { host, port, connections, packetBytes } = source;
    return new EmbeddedBroker({
      ...{ lane: 'media', host, port, tls, log },
      authenticate: async (edgeId, secret) =>
        (await this.#ask((request) => ({ type: 'edge', request, edgeId, secret: Uint8Array.from(secret) }))) ===
        'admitted',
      onViolation: (violation) => this.#post({ type: 'violation', violation }),
      limits: { connections, packetBytes },
    });
  }

  #buildServer(): ViewerServer {
    const { listen, tls, limits } = this.#data;
    return new ViewerServer({
      ...{ ...listen, tls, limits, clock: this.#clock, log: this.#log },
      admit: (knock) => this.#ask((request) => ({ type: 'viewer', request, ...knock })),
      onViewer: (connection) => {
        const { viewerId } = connection;
        this.#connections.set(viewerId, connection);
        this.#viewers.set(viewerId, new Viewer(viewerId, connection, limits));
      },
      onMessage: (connection, text) => this.#takeText(connection, text),
      onSound: ({ viewerId }, sound) => this.#talks.take(viewerId, sound),
      onGone: (viewerId) => {
        const viewer = this.#viewers.get(viewerId);
        if (viewer !== undefined) this.#relay.remove(viewer);
        this.#mpeg1.remove(viewerId);
        this.#viewers.delete(viewerId);
        this.#connections.delete(viewerId);
        this.#talks.remove(viewerId);
        this.#post({ type: 'gone', viewerId });
      },
    });
  }

  #takeText({ viewerId }: ViewerConnection, text: string): void {
    const message = parseViewerMessage(text);
    if (message === null) return;
    if (message.type === 'ping') {
      const { sentAtMs } = message;
      this.#viewers.get(viewerId)?.tell({ type: 'pong', sentAtMs, hubAtMs: this.#clock.nowMs() });
    } else if (message.type === 'watch') {
      const { type, ...order } = message;
      this.#post({ type, viewerId, order });
    } else if (message.type === 'talk') {
      this.#post({ ...message, viewerId });
    } else if (message.type === 'talk-end') {
      this.#talks.close(viewerId);
      this.#post({ ...message, viewerId });
    } else if (message.type === 'hello') {
      this.#post({ ...message, viewerId });
    } else if (message.type === 'unwatch') {
      const viewer = this.#viewers.get(viewerId);
      if (viewer !== undefined) this.#relay.detach(viewer, message.tile);
      this.#mpeg1.forget(viewerId, message.tile);
      this.#post({ ...message, viewerId });
    }
  }

  /** Asks the main thread; `not-signed-in` when it does not answer in time. */
  #ask(build: (request: number) => FromMediaThread): Promise<Admission> {
    if (this.#asking.size >= ASKING_MAX) {
      return Promise.reject(new SharpEyesError('LIMIT_REACHED', 'too many connections are being checked'));
    }
    const request = ++this.#lastRequest;
    return new Promise((settle) => {
      const timer = this.#clock.after(ASK_TIMEOUT_MS, () => this.#answer(request, 'not-signed-in'));
      this.#asking.set(request, { settle, timer });
      this.#post(build(request));
    });
  }

  /** False where nobody waits for it any more. */
  #answer(request: number, answer: Admission): boolean {
    const asking = this.#asking.get(request);
    if (asking === undefined) return false;
    this.#asking.delete(request);
    asking.timer.cancel();
    asking.settle(answer);
    return true;
  }

  #check(): void {
    this.#mpeg1.check();
    this.#relay.check([...this.#viewers.values(), ...this.#mpeg1.feeders], this.#clock.nowMs());
    this.#talks.check();
    const broker = Object.entries(this.#link.counters()).map(([name, value]) => [`broker.${name}`, value]);
    const counters = {
      ...this.#relay.counters,
      ...this.#talks.counters,
      streams: this.#relay.streams,
      mpeg1Streams: this.#mpeg1.size,
      ...this.#server.counters(),
    };
    const readers = Object.entries(this.#republish?.counters() ?? {}).map(([name, value]) => [`rtsp.${name}`, value]);
    this.#post({ type: 'counters', counters: { ...counters, ...Object.fromEntries([...broker, ...readers]) } });
  }
}

/** Starts what makes MPEG-1; null without ffmpeg. */
function mpeg1Encoder(): (() => ChildProcess) | null {
  const [Muxer, program] = [loadMuxer(), findFfmpeg()];
  return Muxer === null || program === null ? null : () => spawnMpeg1(Muxer, program);
}
