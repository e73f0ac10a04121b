import { connect, type Socket } from 'node:net';
import { parseChallenges } from '../../protocols/http-digest/challenge.ts';
import { AuthorizationClient } from '../../protocols/http-digest/client.ts';
import { buildRequest, type HeaderList } from '../../protocols/rtsp/build.ts';
import { header, headerValues, type RtspResponse } from '../../protocols/rtsp/message.ts';
import { RtspParser } from '../../protocols/rtsp/parser.ts';

/** A client that does exactly what a test tells it, on one connection. */
export class RawRtsp {
  readonly url: string;
  readonly #socket: Socket;
  readonly #waiting: ((response: RtspResponse | null) => void)[] = [];
  #authorization: AuthorizationClient;
  #cseq = 0;
  /** Interleaved frames by channel. */
  readonly frames = new Map<number, Uint8Array[]>();
  session: string | null = null;
  isClosed = false;

  constructor(port: number, path = '/camera-1/main', password = 'vi11age') {
    this.url = `rtsp://127.0.0.1:${port}${path}`;
    this.#authorization = new AuthorizationClient({ username: 'vms', password }, { allowBasic: false });
    // Without delay, so that a test that turns a clock knows what has arrived.
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const parser = new RtspParser({
      onInterleaved: (channel, bytes, start, end) => {
        const known = this.frames.get(channel) ?? [];
        known.push(bytes.slice(start, end));
        this.frames.set(channel, known);
      },
      onMessage: (message) => {
        if (message.kind === 'response') this.#waiting.shift()?.(message);
      },
    });
    this.#socket.on('data', (chunk) => parser.push(chunk));
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.isClosed = true;
      for (const settle of this.#waiting.splice(0)) settle(null);
    });
  }

  /** Sends a request as it is; null when the connection ends before its answer. */
  send(method: string, url = this.url, headers: HeaderList = []): Promise<RtspResponse | null> {
    this.#cseq += 1;
    const all = [
      ['CSeq', this.#cseq],
      ...headers,
      ...(this.session === null ? [] : [['Session', this.session]]),
    ] as HeaderList;
    if (this.isClosed) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#socket.write(buildRequest(method, url, all));
    });
  }

  /** Sends a request and signs in when asked to; null when the connection ends before. */
  async ask(method: string, url = this.url, headers: HeaderList = []): Promise<RtspResponse | null> {
    for (let attempt = 0; ; attempt += 1) {
      const value = this.#authorization.authorize({ method, uri: url });
      const signed: HeaderList = value === null ? headers : [...headers, ['Authorization', value]];
      const response = await this.send(method, url, signed);
      if (response?.status !== 401 || attempt === 2) return this.#note(response);
      if (value !== null && !headerValues(response, 'www-authenticate').some((text) => text.includes('stale=true'))) {
        return response;
      }
      this.#authorization.accept(parseChallenges(headerValues(response, 'www-authenticate')));
    }
  }

  /** DESCRIBE, SETUP of the first track over TCP, PLAY; gives the answer to PLAY. */
  async play(): Promise<RtspResponse | null> {
    await this.ask('DESCRIBE', this.url, [['Accept', 'application/sdp']]);
    await this.ask('SETUP', `${this.url}/trackID=0`, [['Transport', 'RTP/AVP/TCP;unicast;interleaved=0-1']]);
    return this.ask('PLAY', `${this.url}/`);
  }

  #note(response: RtspResponse | null): RtspResponse | null {
    const session = response === null ? null : header(response, 'session');
    if (session !== null) this.session = session.split(';')[0] ?? null;
    return response;
  }

  /** Bytes as they are. */
  write(bytes: Uint8Array | string): void {
    this.#socket.write(bytes);
  }

  /** Takes nothing more from the connection, as a program that hangs does. */
  stall(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }
}
