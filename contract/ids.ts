import { Type } from 'typebox';

/** Ids are lower-case words joined by `-`, `_` or `.`: safe in topics, URLs and file names. */
export const ID_PATTERN = '^[a-z0-9][a-z0-9._-]{0,63}$';

/** Schema of any id that travels between edge, hub and dashboard. */
export const Id = Type.String({ pattern: ID_PATTERN });

/** Whether a text may be used as an id. */
export function isId(text: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(text);
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A new id that sorts by time: 10 characters of milliseconds, 16 random ones (Crockford base 32, as in ULID).
 * @param atMs milliseconds since 1970
 * @param randomBytes 16 random bytes
 */
export function timeOrderedId(atMs: number, randomBytes: Uint8Array): string {
  let time = Math.floor(atMs);
  let text = '';
  for (let i = 0; i < 10; i++) {
    text = (ALPHABET[time % 32] ?? '0') + text;
    time = Math.floor(time / 32);
  }
  for (let i = 0; i < 16; i++) text += ALPHABET[(randomBytes[i] ?? 0) % 32] ?? '0';
  return text;
}
