import { SharpEyesError } from '../../contract/errors.ts';
import type { Dc09Cipher, Dc09Message } from './message.ts';
import { parseContent } from './parse.ts';
import { decodeText } from './text.ts';

const BLOCK_BYTES = 16;

/**
 * Opens an encrypted message (DC-09, 5.4.4): behind the bracket everything is hexadecimal; the plain text is random
 * padding, a bar, the data, the closing bracket and the mandatory timestamp.
 * @throws SharpEyesError MESSAGE_MALFORMED when it is damaged or another key sealed it
 */
export function decryptMessage(message: Dc09Message, cipher: Dc09Cipher): Dc09Message {
  const text = decodeText(cipher.decrypt(cipherBytes(message.cipherText)));
  const end = text.indexOf(']');
  const bar = text.indexOf('|');
  const data = end < 0 || bar < 0 || bar > end ? '' : text.slice(bar + 1, end);
  const content = end < 0 ? null : parseContent(`[${data}${text.slice(end)}`);
  if (content === null || content.timestamp === null) {
    throw new SharpEyesError(
      'MESSAGE_MALFORMED',
      'the message cannot be decrypted: it is damaged or the key is wrong',
      {
        context: { account: message.account },
      },
    );
  }
  return { ...message, ...content, encrypted: true };
}

function cipherBytes(hex: string): Uint8Array {
  const bytes = /^(?:[0-9A-Fa-f]{2})+$/.test(hex) ? Buffer.from(hex, 'hex') : new Uint8Array();
  if (bytes.length === 0 || bytes.length % BLOCK_BYTES !== 0) {
    throw new SharpEyesError('MESSAGE_MALFORMED', 'the encrypted content is not whole blocks of hexadecimal digits');
  }
  return bytes;
}

/**
 * Seals `data`, extended data and timestamp; the result goes behind the opening bracket.
 * @param padding at least 16 random bytes; as many as needed are used, mapped to letters
 */
export function encryptContent(content: string, cipher: Dc09Cipher, padding: Uint8Array): string {
  const bytes = Buffer.from(`|${content}`);
  const count = BLOCK_BYTES - (bytes.length % BLOCK_BYTES);
  const letters = Uint8Array.from({ length: count }, (_, index) => 0x61 + ((padding[index] ?? 0) % 26));
  return Buffer.from(cipher.encrypt(Buffer.concat([letters, bytes])))
    .toString('hex')
    .toUpperCase();
}
