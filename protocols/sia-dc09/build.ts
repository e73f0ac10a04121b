import { crc16Arc } from './crc.ts';
import { encryptContent } from './encryption.ts';
import type { Dc09Cipher, Dc09Message } from './message.ts';
import { formatTimestamp } from './timestamp.ts';

/** A message to be framed; what is left out is not written. */
export interface MessageToBuild {
  readonly id: string;
  /** 0 to 9999. */
  readonly sequence: number;
  readonly receiver?: string;
  readonly linePrefix?: string;
  readonly account?: string;
  readonly data?: string;
  readonly extended?: readonly string[];
  /** Written as a UTC timestamp; mandatory in encrypted messages. */
  readonly timestampMs?: number;
}

/** How to seal a message. */
export interface Sealing {
  readonly cipher: Dc09Cipher;
  /** At least 16 random bytes. */
  readonly padding: Uint8Array;
}

/** LF, CRC, length, body, CR. */
export function frame(body: string): Uint8Array {
  const bytes = Buffer.from(body);
  const crc = crc16Arc(bytes).toString(16).toUpperCase().padStart(4, '0');
  const length = bytes.length.toString(16).toUpperCase().padStart(4, '0');
  return Buffer.concat([Buffer.from(`\n${crc}${length}`), bytes, Buffer.from('\r')]);
}

/** A framed message, sealed when a cipher is given. */
export function buildMessage(message: MessageToBuild, sealing?: Sealing): Uint8Array {
  const receiver = message.receiver === undefined ? '' : `R${message.receiver}`;
  const account = message.account === undefined ? '' : `#${message.account}`;
  const address = `${receiver}L${message.linePrefix ?? '0'}${account}`;
  const sequence = String(message.sequence).padStart(4, '0');
  return frame(bodyOf(message.id, `${sequence}${address}`, contentOf(message), sealing));
}

function contentOf(message: MessageToBuild): string {
  const extended = (message.extended ?? []).map((item) => `[${item}]`).join('');
  const timestamp = message.timestampMs === undefined ? '' : `_${formatTimestamp(message.timestampMs)}`;
  return `${message.data ?? ''}]${extended}${timestamp}`;
}

function bodyOf(id: string, address: string, content: string, sealing: Sealing | undefined): string {
  if (sealing === undefined) return `"${id}"${address}[${content}`;
  return `"*${id}"${address}[${encryptContent(content, sealing.cipher, sealing.padding)}`;
}

/**
 * The positive answer or, with id `DUH`, "understood, but cannot be processed". Sequence, receiver, line and account
 * are echoed exactly as they came, also when empty; the answer to a sealed message is sealed and carries the time.
 */
export function buildAnswer(id: 'ACK' | 'DUH', to: Dc09Message, nowMs: number, sealing?: Sealing): Uint8Array {
  const receiver = to.receiver === null ? '' : `R${to.receiver}`;
  const account = to.account === null ? '' : `#${to.account}`;
  const address = `${to.sequence}${receiver}L${to.linePrefix}${account}`;
  const content = sealing === undefined ? ']' : `]_${formatTimestamp(nowMs)}`;
  return frame(bodyOf(id, address, content, sealing));
}

/** The negative answer: fixed address, never sealed, with the receiver's time so that the panel can set its clock. */
export function buildNak(nowMs: number): Uint8Array {
  return frame(`"NAK"0000R0L0A0[]_${formatTimestamp(nowMs)}`);
}
