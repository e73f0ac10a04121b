import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { SharpEyesError } from '../../contract/errors.ts';
import { lookupAllowed } from '../../platform/allowed-lookup.ts';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
import { buildRequest, buildResponse, type HeaderList } from '../../protocols/rtsp/build.ts';
import { cseqOf, type RtspMessage, type RtspRequest, type RtspResponse } from '../../protocols/rtsp/message.ts';
import { RtspParser } from '../../protocols/rtsp/parser.ts';
import type { RtspTarget } from '../../protocols/rtsp/url.ts';
import { streamError } from './stream-error.ts';

/** What a connection needs and tells. */
export interface RtspConnectionOptions {
  target: RtspTarget;
  trust: TlsTrust;
  clock: Clock;
  connectTimeoutMs: number;
  responseTimeoutMs: number;
  /** Whether an IP address may be dialled; asked at the moment of dialling, for names too. */
  isAllowed?: ((address: string) => boolean) | undefined;
  /** See `RtspSink.onInterleaved`: the bytes are valid during the call only. */
  onInterleaved(channel: number, bytes: Uint8Array, start: number, end: number): void;
  /** A request of the peer's own, already answered. */
  onRequest(request: RtspRequest): void;
  /** Once, when the connection is gone; null when the peer closed it in order. */
  onClosed(error: Error | null): void;
}

/**
 * Whose word a device's certificate needs for `rtsps`: an authority of the system, one given as PEM, or nobody's, since
 * cameras sign their own. Without verification the password is still never shown in clear text.
 */
export type TlsTrust = 'system' | 'any' | { ca: string };

interface Pending {
  cseq: number;
  timer: TimerHandle | null;
  resolve(response: RtspResponse): void;
  reject(error: Error): void;
}

const READ_BUFFER_BYTES = 65_536;
/** For all connections: what stands in it is taken out before the next one reads, and it stays in the processor's cache. */
const READ_BUFFER = new Uint8Array(READ_BUFFER_BYTES);
const LINGER_MS = 300;
const MAX_PENDING = 16;

/** One TCP or TLS connection that speaks RTSP: numbered requests with time limits, and interleaved frames. */
export class RtspConnection {
  readonly #options: RtspConnectionOptions;
  readonly #parser: RtspParser;
  #socket: Socket | null = null;
  #cseq = 0;
  #pending: Pending[] = [];
  #closed = false;
  /** Everything read so far. */
  bytesRead = 0;

  constructor(options: RtspConnectionOptions) {
    this.#options = options;
    this.#parser = new RtspParser({
      onInterleaved: (channel, bytes, start, end) => options.onInterleaved(channel, bytes, start, end),
      onMessage: (message) => this.#onMessage(message),
    });
  }

  /** Our and the peer's address on this connection; null before it stands. */
  get addresses(): { local: string; remote: string } | null {
    const { localAddress: local, remoteAddress: remote } = this.#socket ?? {};
    return local === undefined || remote === undefined ? null : { local, remote };
  }

  /** Connects. @throws SharpEyesError DEVICE_UNREACHABLE, ADDRESS_NOT_ALLOWED */
  connect(): Promise<void> {
    const { target, clock, connectTimeoutMs, isAllowed } = this.#options;
    return new Promise((resolve, reject) => {
      if (isAllowed !== undefined && isIP(target.host) !== 0 && !isAllowed(target.host)) {
        reject(streamError('address-not-allowed', `${target.host} is not inside the networks that may be dialled`));
        return;
      }
      const socket = this.#dial();
      this.#socket = socket;
      const timer = clock.after(connectTimeoutMs, () => socket.destroy(new Error('no connection in time')));
      socket.once(target.secure ? 'secureConnect' : 'connect', () => {
        timer.cancel();
        resolve();
      });
      let failure: Error | null = null;
      socket.on('error', (error) => {
        failure = error;
      });
      socket.once('close', () => {
        timer.cancel();
        const why = failure === null ? '' : `: ${failure.message}`;
        const unreachable = streamError(
          'unreachable',
          `${target.host}:${target.port} cannot be reached${why}`,
          failure,
        );
        reject(failure instanceof SharpEyesError ? failure : unreachable);
        this.#onClosed(failure);
      });
    });
  }

  #dial(): Socket {
    const { target, isAllowed } = this.#options;
    const { host, port, secure } = target;
    const lookup = isAllowed === undefined ? {} : { lookup: lookupAllowed(isAllowed) };
    if (secure) {
      const { trust } = this.#options;
      const ca = typeof trust === 'object' ? { ca: trust.ca } : {};
      const name = isIP(host) === 0 ? { servername: host } : {};
      const socket = connectTls({ host, port, rejectUnauthorized: trust !== 'any', ...ca, ...name, ...lookup });
      socket.on('data', (chunk: Buffer) => this.#read(chunk));
      return socket;
    }
    const buffer = READ_BUFFER;
    const callback = (length: number): boolean => {
      this.#read(length === buffer.length ? buffer : buffer.subarray(0, length));
      return true;
    };
    const socket = connectTcp({ host, port, noDelay: true, onread: { buffer, callback }, ...lookup });
    socket.resume();
    return socket;
  }

  #read(chunk: Uint8Array): void {
    if (this.#closed) return;
    this.bytesRead += chunk.length;
    try {
      this.#parser.push(chunk);
    } catch (error) {
      this.#socket?.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /**
   * Sends a request and resolves with its response, whatever the status.
   * @throws SharpEyesError TIMEOUT when none comes in time, or what closed the connection
   */
  request(method: string, uri: string, headers: HeaderList, timeoutMs?: number): Promise<RtspResponse> {
    const { clock, responseTimeoutMs, target } = this.#options;
    return new Promise((resolve, reject) => {
      const socket = this.#socket;
      if (socket === null || this.#closed || this.#pending.length >= MAX_PENDING) {
        reject(streamError('unreachable', `the connection to ${target.host} is gone`));
        return;
      }
      this.#cseq += 1;
      const pending: Pending = { cseq: this.#cseq, resolve, reject, timer: null };
      pending.timer = clock.after(timeoutMs ?? responseTimeoutMs, () => {
        this.#pending = this.#pending.filter((other) => other !== pending);
        reject(streamError('no-answer', `${target.host} does not answer ${method}`));
      });
      this.#pending.push(pending);
      socket.write(buildRequest(method, uri, [['CSeq', pending.cseq], ...headers]));
    });
  }

  /** Sends bytes as they are, unless the peer reads so slowly that they would pile up. */
  send(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (socket !== null && !this.#closed && socket.writableLength < READ_BUFFER_BYTES) socket.write(bytes);
  }

  /** Whether requests can still be answered. */
  get open(): boolean {
    return this.#socket !== null && !this.#closed && !this.#socket.connecting && !this.#socket.destroyed;
  }

  /** Closes, sending first what is still to be sent where the peer takes it soon. */
  close(): void {
    const socket = this.#socket;
    if (socket === null || socket.destroyed) return;
    if (socket.connecting) {
      socket.destroy();
      return;
    }
    socket.end();
    const timer = this.#options.clock.after(LINGER_MS, () => socket.destroy());
    socket.once('close', () => timer.cancel());
    socket.once('finish', () => socket.destroy());
  }

  #onMessage(message: RtspMessage): void {
    if (message.kind === 'request') {
      this.#answer(message);
      return;
    }
    // Some devices leave the number out: then requests are answered in their order.
    const cseq = cseqOf(message);
    const index = cseq === null ? 0 : this.#pending.findIndex((pending) => pending.cseq === cseq);
    const [pending] = index === -1 ? [] : this.#pending.splice(index, 1);
    pending?.timer?.cancel();
    pending?.resolve(message);
  }

  #answer(request: RtspRequest): void {
    const cseq = cseqOf(request);
    this.send(buildResponse(200, cseq === null ? [] : [['CSeq', cseq]]));
    this.#options.onRequest(request);
  }

  #onClosed(error: Error | null): void {
    if (this.#closed) return;
    this.#closed = true;
    const { host } = this.#options.target;
    const cause =
      error === null || error instanceof SharpEyesError
        ? error
        : streamError('unreachable', `the connection to ${host} broke: ${error.message}`, error);
    for (const pending of this.#pending.splice(0)) {
      pending.timer?.cancel();
      pending.reject(cause ?? streamError('no-answer', `${host} closed the connection instead of answering`));
    }
    this.#options.onClosed(cause);
  }
}
