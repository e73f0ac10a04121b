import { messageOf } from '../../../contract/errors.ts';
import type { TileReason } from '../../../contract/live.ts';
import { buildMediaMessage, type MediaHeader, parseMediaMessage } from '../../../contract/media-frame.ts';
import { Backoff } from '../../../platform/backoff.ts';
import type { Clock } from '../../../platform/clock.ts';
import { FilterProcess } from '../../../platform/ffmpeg/filter-process.ts';
import type { Log } from '../../../platform/log.ts';
import { TsPieces } from '../../../protocols/mpegts/pieces.ts';
import type { ViewerSocket } from '../viewer.ts';
import { mpeg1Size } from './mpeg1-process.ts';
import { ownInit } from './own-init.ts';

/** What an {@link Mpeg1Stream} is built from. */
export interface Mpeg1StreamOptions {
  /** Under which its envelopes go out. */
  handle: number;
  /** Starts the encoder; null when there is none. */
  spawn: (() => ReturnType<FilterProcessSpawn>) | null;
  clock: Clock;
  log: Log;
  /** An envelope is ready. */
  send(envelope: Uint8Array): void;
  /** Why its tiles are as they are. */
  tell(reason: TileReason, sinceMs: number): void;
}

type FilterProcessSpawn = ConstructorParameters<typeof FilterProcess>[0]['spawn'];

const HANG_MS = 10_000;
const BACKOFF = { firstMs: 1000, maxMs: 30_000 };
const ESTABLISHED_MS = 30_000;

/**
 * One stream for screens that decode MPEG-1 only. Towards the relay it is a viewer's socket: it takes the camera's
 * envelopes, and what the encoder has not taken counts as unsent, so that it skips like any slow viewer. What the encoder
 * makes goes out as envelopes of another handle.
 */
export class Mpeg1Stream implements ViewerSocket {
  readonly #options: Mpeg1StreamOptions;
  readonly #backoff = new Backoff(BACKOFF);
  readonly #ending = new Set<Promise<void>>();
  #process: FilterProcess | null = null;
  /** The camera's last init segment, and the size of its pictures. */
  #init: { bytes: Uint8Array; width: number; height: number } | null = null;
  #epoch = 0;
  #sequence = 0;
  #edgeAtMs = 0;
  #isInitSent = false;
  #waitsForKey = true;
  #startedAtMs = 0;
  /** No encoder is started before this, monotonic. */
  #waitUntilMs = 0;
  #isBroken = false;

  constructor(options: Mpeg1StreamOptions) {
    this.#options = options;
    if (options.spawn === null) this.#break('no-transcoder');
  }

  get bufferedAmount(): number {
    return this.#process?.queuedBytes ?? 0;
  }

  /** Texts are for tiles and say why there is no picture; binaries are the camera's envelopes. */
  send(data: string | Uint8Array): void {
    if (typeof data === 'string') this.#hear(data);
    else this.#take(data);
  }

  /** The encoder takes nothing any more: another one is started. */
  terminate(): void {
    this.#process?.kill();
  }

  async stop(): Promise<void> {
    this.#endProcess();
    await Promise.all(this.#ending);
  }

  #hear(text: string): void {
    const message = JSON.parse(text) as { type?: string; reason?: TileReason; sinceMs?: number };
    // That the encoder is slow is nobody's business; that it does not work matters more than all else.
    if (message.type !== 'tile' || this.#isBroken || message.reason === 'viewer-too-slow') return;
    if (message.reason !== undefined) this.#options.tell(message.reason, message.sinceMs ?? 0);
  }

  #take(envelope: Uint8Array): void {
    const message = parseMediaMessage(envelope);
    if (message === null) return;
    if (message.type === 'init') {
      this.#endProcess();
      this.#init = this.#readInit(message.body, message.description);
    } else if (message.type === 'fragment') this.#feed(message.body, message.key, message.edgeAtMs);
    else if (message.type === 'end') this.#out({ type: 'end', key: false }, new Uint8Array(0), message.description);
  }

  #readInit(body: Uint8Array, description: string): { bytes: Uint8Array; width: number; height: number } | null {
    try {
      return { bytes: ownInit(body), ...sizeIn(description) };
    } catch (error) {
      const { handle, log } = this.#options;
      // The edge says when: no line in the log for each.
      log.debug({ handle, reason: messageOf(error) }, 'the beginning of a stream is not given to the encoder');
      this.#break('unsupported-codec');
      return null;
    }
  }

  #feed(bytes: Uint8Array, key: boolean, edgeAtMs: number): void {
    if (this.#process === null) this.#begin(key);
    if (this.#process === null || (this.#waitsForKey && !key)) return;
    this.#waitsForKey = false;
    this.#edgeAtMs = edgeAtMs;
    this.#process.write(bytes);
  }

  #begin(key: boolean): void {
    const { spawn, clock, log } = this.#options;
    const nowMs = clock.monotonicMs();
    if (!key || this.#init === null || spawn === null || nowMs < this.#waitUntilMs) return;
    const pieces = new TsPieces();
    const child = new FilterProcess({
      ...{ spawn, clock, log, hangMs: HANG_MS },
      onOutput: (chunk) => {
        if (this.#process !== child) return;
        for (const piece of pieces.push(chunk)) this.#piece(piece.bytes, piece.key);
      },
      onEnd: () => {
        if (this.#process === child) this.#died();
      },
    });
    this.#process = child;
    this.#startedAtMs = nowMs;
    this.#waitsForKey = true;
    this.#isInitSent = false;
    child.start();
    child.write(this.#init.bytes);
  }

  #piece(bytes: Uint8Array, key: boolean): void {
    if (!this.#isInitSent) {
      this.#isInitSent = true;
      this.#epoch += 1;
      const { width, height } = mpeg1Size(this.#init?.width ?? 0, this.#init?.height ?? 0);
      const description = JSON.stringify({ codec: 'mpeg1', width, height });
      this.#out({ type: 'init', key: false }, new Uint8Array(0), description);
      if (this.#isBroken) {
        this.#isBroken = false;
        this.#options.tell('live', this.#options.clock.nowMs());
      }
    }
    this.#sequence += 1;
    this.#out({ type: 'fragment', key }, bytes);
  }

  #out(what: Pick<MediaHeader, 'type' | 'key'>, body: Uint8Array, description = ''): void {
    const { handle, send } = this.#options;
    const place = { handle, epoch: this.#epoch, sequence: this.#sequence, edgeAtMs: this.#edgeAtMs };
    send(buildMediaMessage({ ...what, ...place }, body, description));
  }

  #died(): void {
    const nowMs = this.#options.clock.monotonicMs();
    this.#process = null;
    if (nowMs - this.#startedAtMs >= ESTABLISHED_MS) this.#backoff.reset();
    this.#waitUntilMs = nowMs + this.#backoff.nextMs();
    this.#options.log.warn(
      { handle: this.#options.handle },
      'the encoder for an old screen ended; it is started again',
    );
    this.#break('no-transcoder');
  }

  #break(reason: TileReason): void {
    this.#isBroken = true;
    this.#options.tell(reason, this.#options.clock.nowMs());
  }

  #endProcess(): void {
    const ending = this.#process?.stop();
    this.#process = null;
    if (ending === undefined) return;
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }
}

function sizeIn(description: string): { width: number; height: number } {
  try {
    const { width, height } = JSON.parse(description) as { width?: unknown; height?: unknown };
    return { width: Number(width) || 0, height: Number(height) || 0 };
  } catch {
    // Only the page's layout would profit from it.
    return { width: 0, height: 0 };
  }
}
