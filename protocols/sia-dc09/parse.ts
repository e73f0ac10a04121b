import { SharpEyesError } from '../../contract/errors.ts';
import { crc16Arc } from './crc.ts';
import type { Dc09Frame, Dc09Message } from './message.ts';
import { decodeText } from './text.ts';
import { parseTimestamp } from './timestamp.ts';

const QUOTE = 0x22;
/** Longest frame worth reading: the length field has three hexadecimal digits (DC-09, 5.5.1.2), some panels use four. */
export const MAX_FRAME_BYTES = 0x1000;

const HEADER = /^"(\*?)([A-Z0-9-]{1,16})"(\d{4})(?:R([0-9A-Fa-f]{0,6}))?L([0-9A-Fa-f]{0,6})(?:#([0-9A-Fa-f]{1,16}))?\[/;
const BRACKETS = /\[([^\]]*)\]/y;
const TIMESTAMP = /_(\d{2}:\d{2}:\d{2},\d{2}-\d{2}-\d{4})/y;

/**
 * Reads one frame, without the LF before and the CR after it.
 * @throws SharpEyesError MESSAGE_MALFORMED when it is not a DC-09 frame, LIMIT_REACHED when it is too long
 */
export function parseFrame(bytes: Uint8Array): Dc09Frame {
  if (bytes.length > MAX_FRAME_BYTES) {
    throw new SharpEyesError('LIMIT_REACHED', `the frame has ${bytes.length} bytes, ${MAX_FRAME_BYTES} are allowed`);
  }
  const quoteAt = bytes.indexOf(QUOTE);
  const body = bytes.subarray(Math.max(0, quoteAt));
  const crc = readCrc(bytes, quoteAt);
  const length = quoteAt < 4 ? '' : decodeText(bytes.subarray(quoteAt - 4, quoteAt));
  if (crc === null || !/^[0-9A-Fa-f]{4}$/.test(length)) throw malformed('it does not begin with CRC and length');
  return {
    message: parseBody(decodeText(body)),
    crc,
    crcValid: Number.parseInt(crc, 16) === crc16Arc(body),
    length,
    lengthValid: Number.parseInt(length, 16) === body.length,
  };
}

function malformed(reason: string): SharpEyesError {
  return new SharpEyesError('MESSAGE_MALFORMED', `not a DC-09 frame: ${reason}`);
}

/** Four hexadecimal digits, or the two binary bytes that some panels send instead. */
function readCrc(bytes: Uint8Array, quoteAt: number): string | null {
  if (quoteAt === 8) {
    const text = decodeText(bytes.subarray(0, 4));
    return /^[0-9A-Fa-f]{4}$/.test(text) ? text : null;
  }
  if (quoteAt !== 6) return null;
  return Buffer.from(bytes.subarray(0, 2)).toString('hex').toUpperCase();
}

function parseBody(text: string): Dc09Message {
  const header = HEADER.exec(text);
  if (header === null) throw malformed('its header is not "ID"sequence, receiver, line and account');
  const [whole, asterisk, id, sequence, receiver, linePrefix, account] = header;
  const encrypted = asterisk === '*';
  const contentAt = whole.length - 1;
  return {
    id: id ?? '',
    encrypted,
    sequence: sequence ?? '',
    receiver: receiver ?? null,
    linePrefix: linePrefix ?? '',
    account: account ?? null,
    ...(encrypted
      ? { data: '', extended: [], timestamp: null, cipherText: text.slice(contentAt + 1).trim() }
      : { ...parseContent(text.slice(contentAt)), cipherText: '' }),
  };
}

/**
 * Reads `[data][extended]…_timestamp`; what follows is ignored.
 * @throws SharpEyesError MESSAGE_MALFORMED when the first pair of brackets is not closed
 */
export function parseContent(text: string): Pick<Dc09Message, 'data' | 'extended' | 'timestamp'> {
  const groups: string[] = [];
  let at = 0;
  while (groups.length < 16) {
    BRACKETS.lastIndex = at;
    const group = BRACKETS.exec(text);
    if (group === null) break;
    groups.push(group[1] ?? '');
    at = BRACKETS.lastIndex;
  }
  const [data, ...extended] = groups;
  if (data === undefined) throw malformed('its data is not closed by a bracket');
  TIMESTAMP.lastIndex = at;
  const timestamp = TIMESTAMP.exec(text)?.[1] ?? null;
  return { data, extended, timestamp: parseTimestamp(timestamp) === null ? null : timestamp };
}
