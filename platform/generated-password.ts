import { randomInt } from 'node:crypto';

/** Letters and digits that are not mixed up when read aloud or copied by hand. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A password that is handed out once: 80 random bits in four groups. */
export function generatePassword(): string {
  const group = (): string => Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)] ?? '').join('');
  return [group(), group(), group(), group()].join('-');
}
