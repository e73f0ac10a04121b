import type { Socket } from 'node:net';
import { messageOf } from '../../contract/errors.ts';
import { buildResponse } from '../../protocols/rtsp/build.ts';
import { cseqOf, type RtspRequest } from '../../protocols/rtsp/message.ts';
import { RtspParser } from '../../protocols/rtsp/parser.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { RateBudget } from '../rate-budget.ts';
import { Dialogue, type DialogueContext } from './dialogue.ts';
import type { RtspServerLimits } from './limits.ts';
import { type Reply, replyToError } from './reply.ts';

/** Requests that wait for the one before. */
const PIPELINED_MAX = 16;
const STRAY_BYTES = 1024;
/** Requests that may come at once, as seconds of the average. */
const BURST_SECONDS = 10;
/** So long the last bytes have for leaving. */
const LINGER_MS = 2000;

/** Why a connection was ended by us. */
export type EndCause = 'idle' | 'timeout' | 'stalled' | 'flood' | 'garbage';

/** One client's connection: takes requests apart, answers them one after the other, and notices who is gone. */
export class Connection {
  readonly #socket: Socket;
  readonly #limits: RtspServerLimits;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onCut: (cause: EndCause) => void;
  readonly dialogue: Dialogue;
  #waiting: RtspRequest[] = [];
  #isAnswering = false;
  #isOver = false;
  readonly #requests: RateBudget;
  readonly #beganAtMs: number;
  #aliveAtMs: number;
  #behind: { lowestBytes: number; progressAtMs: number } | null = null;

  constructor(
    socket: Socket,
    options: {
      limits: RtspServerLimits;
      clock: Clock;
      log: Log;
      dialogue: Omit<DialogueContext, 'socket' | 'onStreamEnd'>;
      onCut(cause: EndCause): void;
    },
  ) {
    this.#socket = socket;
    this.#limits = options.limits;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#onCut = options.onCut;
    this.dialogue = new Dialogue({ ...options.dialogue, socket, onStreamEnd: () => this.finish() });
    const perSecond = options.limits.requestsPerSecond;
    this.#requests = new RateBudget(options.clock, { burst: perSecond * BURST_SECONDS, perSecond });
    this.#beganAtMs = options.clock.monotonicMs();
    this.#aliveAtMs = this.#beganAtMs;
  }

  /** @param onClose called once when it is over */
  start(onClose: () => void): void {
    const socket = this.#socket;
    const parser = new RtspParser(
      {
        // What readers send on the channels are receiver reports: signs of life, nothing more.
        onInterleaved: () => {
          if (this.dialogue.session !== null) this.touch();
        },
        onMessage: (message) => {
          if (message.kind === 'request') this.#take(message);
        },
      },
      { header: this.#limits.headerBytes, body: this.#limits.bodyBytes, skipped: STRAY_BYTES },
    );
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    socket.on('data', (chunk) => {
      if (this.#isOver) return;
      try {
        parser.push(chunk);
      } catch (error) {
        this.#log.debug({ reason: messageOf(error) }, 'a connection does not speak RTSP');
        this.cut('garbage');
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#isOver = true;
      this.#waiting = [];
      this.dialogue.end('discard');
      onClose();
    });
  }

  /** A sign of life came. */
  touch(): void {
    this.#aliveAtMs = this.#clock.monotonicMs();
  }

  /** Ends it at once, and says why to whoever counts. */
  cut(cause: EndCause): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onCut(cause);
    this.#socket.destroy();
  }

  /** Ends it at once: what waits to be sent must not be seen any more. */
  drop(): void {
    this.#isOver = true;
    this.dialogue.end('discard');
    this.#socket.destroy();
  }

  /** Ends it once what was written has left. */
  finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.dialogue.end('send');
    this.#socket.end();
    this.#clock.after(LINGER_MS, () => this.#socket.destroy());
  }

  /** Looks after it, once a second. */
  check(nowMs: number): void {
    const { signInMs, idleMs, sessionTimeoutMs } = this.#limits;
    const { session, isSignedIn } = this.dialogue;
    if (!isSignedIn && nowMs - this.#beganAtMs > signInMs) return this.cut('idle');
    const silentMs = nowMs - this.#aliveAtMs;
    if (session === null) {
      if (silentMs > idleMs && !this.#isAnswering) this.cut('idle');
      return;
    }
    // Over TCP a client lives while its machine takes what is sent, also one that never says a word.
    const takes = session.isPlaying && session.takenChannels.size > 0 && this.#socket.writableLength === 0;
    if (takes) this.touch();
    else if (silentMs > sessionTimeoutMs) return this.cut('timeout');
    this.#checkProgress(session.isBehind, nowMs);
  }

  #checkProgress(isBehind: boolean, nowMs: number): void {
    if (!isBehind) {
      this.#behind = null;
      return;
    }
    const bytes = this.#socket.writableLength;
    this.#behind ??= { lowestBytes: bytes, progressAtMs: nowMs };
    if (bytes < this.#behind.lowestBytes) this.#behind = { lowestBytes: bytes, progressAtMs: nowMs };
    if (nowMs - this.#behind.progressAtMs >= this.#limits.stalledMs) this.cut('stalled');
  }

  #take(request: RtspRequest): void {
    this.touch();
    if (!this.#requests.take() || this.#waiting.length >= PIPELINED_MAX) return this.cut('flood');
    this.#waiting.push(request);
    if (!this.#isAnswering) void this.#answerAll();
  }

  async #answerAll(): Promise<void> {
    this.#isAnswering = true;
    for (let next = this.#waiting.shift(); next !== undefined && !this.#isOver; next = this.#waiting.shift()) {
      const reply = await this.#answer(next);
      // It may have ended meanwhile: what was opened for it has to be let go.
      if (this.#isOver) this.dialogue.end('discard');
      else this.#send(next, reply);
    }
    this.#isAnswering = false;
  }

  async #answer(request: RtspRequest): Promise<Reply> {
    try {
      return await this.dialogue.answer(request);
    } catch (error) {
      const reply = replyToError(error);
      this.#log.debug(
        { method: request.method, status: reply.status, reason: messageOf(error) },
        'a reader was refused',
      );
      return reply;
    }
  }

  #send(request: RtspRequest, { status, headers, body, after, close }: Reply): void {
    const isPlaying = this.dialogue.session?.isPlaying === true;
    // Who asks and never takes an answer must not fill the memory. What plays is looked after by check().
    if (!isPlaying && this.#socket.writableLength > this.#limits.answerBufferBytes) return this.cut('stalled');
    const all = [['CSeq', cseqOf(request) ?? 0], ['Server', 'Sharp Eyes'], ...(headers ?? [])] as const;
    this.#socket.write(buildResponse(status, all, body));
    after?.();
    this.touch();
    if (close === true) this.finish();
  }
}
