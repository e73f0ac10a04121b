import { randomInt } from 'node:crypto';
import { SharpEyesError } from '../../contract/errors.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { OpenedStream, ReadRequest, RtspHost } from '../../platform/rtsp-server/host.ts';
import { RTSP_REALM } from '../../platform/rtsp-server/reader-secret.ts';
import { RtspServer } from '../../platform/rtsp-server/server.ts';
import { REQUEST_START_MAX } from '../live/protocol.ts';
import type { FromRepublish, RepublishData, ToRepublish } from './protocol.ts';
import { type MediaTap, relaySource } from './relay-source.ts';

const ASK_TIMEOUT_MS = 10_000;
const ASKING_MAX = 1000;
/** Over a thin line the sound may begin well after the picture. */
const SETTLE_MS = 1500;

type Answer = Exclude<ToRepublish, { type: 'end' }>;

/** The RTSP server in the media thread. Who may read what is asked of the main thread. */
export class RepublishThread {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #post: (message: FromRepublish) => void;
  readonly #tap: (handle: number, tap: MediaTap) => () => void;
  readonly #server: RtspServer;
  readonly #asking = new Map<number, { settle(answer: Answer | null): void; timer: TimerHandle }>();
  #lastRequest = randomInt(REQUEST_START_MAX);

  constructor(
    data: RepublishData,
    options: {
      tls: { cert: string; key: string } | null;
      clock: Clock;
      log: Log;
      post(message: FromRepublish): void;
      tap(handle: number, tap: MediaTap): () => void;
    },
  ) {
    const { clock, log, tls } = options;
    this.#clock = clock;
    this.#log = log;
    this.#post = options.post;
    this.#tap = options.tap;
    this.#server = new RtspServer({
      name: 'Sharp Eyes',
      realm: RTSP_REALM,
      ...{ host: data.host, port: data.port, udpPort: data.udpPort, clock, log },
      tls: data.plain ? null : tls,
      readers: this.#host(),
      limits: { readers: data.maxReaders, settleMs: SETTLE_MS },
    });
  }

  /** Listens and gives the port; rejects with PORT_TAKEN. */
  start(): Promise<number> {
    return this.#server.start();
  }

  async stop(): Promise<void> {
    for (const request of [...this.#asking.keys()]) this.#settle(request, null);
    await this.#server.stop();
  }

  counters(): Record<string, number> {
    return this.#server.counters();
  }

  take(message: ToRepublish): void {
    if (message.type === 'end') this.#server.end(message.readerId);
    else this.#settle(message.request, message);
  }

  #host(): RtspHost {
    return {
      secretOf: async (user) => {
        const answer = await this.#ask((request) => ({ type: 'secret-of', request, user }));
        return answer?.type === 'secret' ? answer.secret : null;
      },
      open: (reader) => this.#open(reader),
      onPlay: (reader) => this.#post({ type: 'play', reader }),
      onStop: (reader, facts) => this.#post({ type: 'stop', reader, facts }),
      onRefused: (refusal) => this.#post({ type: 'refused', refusal }),
    };
  }

  async #open(reader: ReadRequest): Promise<OpenedStream> {
    let opened = 0;
    const answer = await this.#ask((request) => {
      opened = request;
      return { type: 'open', request, reader };
    });
    const release = (): void => this.#post({ type: 'release', request: opened });
    if (answer?.type !== 'decision') {
      // It may have been decided a moment too late.
      release();
      throw new SharpEyesError('TIMEOUT', 'nobody decided in time whether the stream may be read');
    }
    const { decision } = answer;
    if (!decision.isOpen) throw new SharpEyesError(decision.code, decision.message);
    const { handle, sound } = decision;
    const source = relaySource((tap) => this.#tap(handle, tap), sound, this.#log);
    return { key: String(handle), source, release };
  }

  /** Asks the main thread; null when it does not answer in time. */
  #ask(build: (request: number) => FromRepublish): Promise<Answer | null> {
    if (this.#asking.size >= ASKING_MAX) {
      return Promise.reject(new SharpEyesError('LIMIT_REACHED', 'too many readers are being checked'));
    }
    this.#lastRequest += 1;
    const request = this.#lastRequest;
    return new Promise((settle) => {
      const timer = this.#clock.after(ASK_TIMEOUT_MS, () => this.#settle(request, null));
      this.#asking.set(request, { settle, timer });
      this.#post(build(request));
    });
  }

  #settle(request: number, answer: Answer | null): void {
    const asking = this.#asking.get(request);
    if (asking === undefined) return;
    this.#asking.delete(request);
    asking.timer.cancel();
    asking.settle(answer);
  }
}
