import { createCipheriv, createDecipheriv } from 'node:crypto';
import { SharpEyesError } from '../../../contract/errors.ts';
import type { Dc09Cipher } from '../../../protocols/sia-dc09/message.ts';

const ZERO_IV = Buffer.alloc(16);

/**
 * AES-CBC as DC-09 prescribes it: the initialisation vector is all zero, the padding is the message's own.
 * @param keyHex 32, 48 or 64 hexadecimal digits
 * @throws SharpEyesError CONFIG_INVALID for a key of another length
 */
export function aesCipher(keyHex: string): Dc09Cipher {
  const key = Buffer.from(keyHex, 'hex');
  if (![16, 24, 32].includes(key.length) || key.length * 2 !== keyHex.length) {
    throw new SharpEyesError('CONFIG_INVALID', 'a DC-09 key has 32, 48 or 64 hexadecimal digits');
  }
  const name = `aes-${key.length * 8}-cbc`;
  return {
    encrypt(plain) {
      const cipher = createCipheriv(name, key, ZERO_IV).setAutoPadding(false);
      return Buffer.concat([cipher.update(plain), cipher.final()]);
    },
    decrypt(cipherText) {
      const decipher = createDecipheriv(name, key, ZERO_IV).setAutoPadding(false);
      return Buffer.concat([decipher.update(cipherText), decipher.final()]);
    },
  };
}
