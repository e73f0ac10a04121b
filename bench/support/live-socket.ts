import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** Enough of each binary to know its header and find a stamp. */
const HEAD_BYTES = 512;
const READ_BUFFER_BYTES = 256 * 1024;
const OPCODE = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const FRAME_HEADER_MAX = 10;

/** Receives what a {@link LiveSocket} hears. */
export interface LiveSink {
  onOpen(): void;
  onText(text: string): void;
  /** @param head the first bytes of the message, valid during the call; `length` of all of it */
  onBinary(head: Buffer, length: number): void;
  onClosed(): void;
}

/**
 * The viewer's end of a WebSocket that looks at the beginning of each message and drops the rest unread, so that many
 * viewers cost a measurement little.
 */
export class LiveSocket {
  readonly #sink: LiveSink;
  readonly #socket: Socket;
  readonly #frame = Buffer.alloc(FRAME_HEADER_MAX);
  #frameBytes = 0;
  /** Bytes of the payload under way that are still to come; -1 between messages. */
  #left = -1;
  #length = 0;
  #opcode = 0;
  #head = Buffer.alloc(HEAD_BYTES);
  #headBytes = 0;
  #greeting: Buffer | null = Buffer.alloc(0);

  constructor(port: number, headers: Record<string, string>, sink: LiveSink) {
    this.#sink = sink;
    const buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
    const callback = (length: number): boolean => {
      this.#read(buffer, length);
      return true;
    };
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true, onread: { buffer, callback } });
    const lines = Object.entries({
      host: `127.0.0.1:${port}`,
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.write(`GET /live HTTP/1.1\r\n${lines.join('')}\r\n`);
    this.#socket.resume();
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => sink.onClosed());
  }

  send(message: object): void {
    this.#write(OPCODE.text, Buffer.from(JSON.stringify(message)));
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Masked with zeros, which leaves the bytes as they are. */
  #write(opcode: number, payload: Buffer): void {
    const isLong = payload.length > 125;
    const header = Buffer.alloc(isLong ? 8 : 6);
    header[0] = 0x80 | opcode;
    header[1] = 0x80 | (isLong ? 126 : payload.length);
    if (isLong) header.writeUInt16BE(payload.length, 2);
    this.#socket.write(Buffer.concat([header, payload]));
  }

  #read(bytes: Buffer, end: number): void {
    let at = this.#greeting === null ? 0 : this.#greet(bytes, end);
    while (at < end) at = this.#left < 0 ? this.#readHeader(bytes, at, end) : this.#readPayload(bytes, at, end);
  }

  #greet(bytes: Buffer, end: number): number {
    const before = this.#greeting?.length ?? 0;
    const all = Buffer.concat([this.#greeting ?? Buffer.alloc(0), bytes.subarray(0, end)]);
    const headEnd = all.indexOf('\r\n\r\n');
    this.#greeting = all;
    if (headEnd < 0) return end;
    this.#greeting = null;
    if (all.toString('latin1', 0, 12) !== 'HTTP/1.1 101') {
      this.#socket.destroy();
      return end;
    }
    this.#sink.onOpen();
    return headEnd + 4 - before;
  }

  #readHeader(bytes: Buffer, from: number, end: number): number {
    let at = from;
    while (at < end) {
      this.#frame[this.#frameBytes] = bytes[at] ?? 0;
      this.#frameBytes += 1;
      at += 1;
      if (this.#frameBytes < 2) continue;
      const short = (this.#frame[1] ?? 0) & 0x7f;
      const needed = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (this.#frameBytes < needed) continue;
      this.#opcode = (this.#frame[0] ?? 0) & 0x0f;
      this.#length = short === 126 ? this.#frame.readUInt16BE(2) : short === 127 ? this.#frame.readUInt32BE(6) : short;
      this.#left = this.#length;
      this.#frameBytes = 0;
      this.#headBytes = 0;
      if (this.#opcode === OPCODE.text && this.#length > this.#head.length) this.#head = Buffer.alloc(this.#length);
      if (this.#left === 0) this.#finish();
      return at;
    }
    return at;
  }

  #readPayload(bytes: Buffer, from: number, end: number): number {
    const to = Math.min(end, from + this.#left);
    const wanted = Math.min(this.#head.length - this.#headBytes, to - from);
    if (wanted > 0) {
      bytes.copy(this.#head, this.#headBytes, from, from + wanted);
      this.#headBytes += wanted;
    }
    this.#left -= to - from;
    if (this.#left === 0) this.#finish();
    return to;
  }

  #finish(): void {
    this.#left = -1;
    const head = this.#head.subarray(0, this.#headBytes);
    if (this.#opcode === OPCODE.binary) this.#sink.onBinary(head, this.#length);
    else if (this.#opcode === OPCODE.text) this.#sink.onText(head.toString());
    else if (this.#opcode === OPCODE.ping) this.#write(OPCODE.pong, Buffer.from(head));
    else if (this.#opcode === OPCODE.close) this.#socket.destroy();
  }
}
