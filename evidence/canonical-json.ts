const MAX_DEPTH = 32;

/**
 * The one text that stands for a value: members sorted by UTF-16 code units, no white space, numbers and strings as
 * ECMAScript writes them (as in RFC 8785). Members that are `undefined` are left out.
 * @throws TypeError for numbers that are not finite, for other types and for more than 32 levels
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > MAX_DEPTH) throw new TypeError(`more than ${MAX_DEPTH} levels cannot be written as canonical JSON`);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('a number that is not finite cannot be written as canonical JSON');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, depth + 1)).join(',')}]`;
  if (typeof value !== 'object') throw new TypeError(`a ${typeof value} cannot be written as canonical JSON`);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member, depth + 1)}`).join(',')}}`;
}

/**
 * Reads a text that {@link canonicalJson} wrote, and nothing else: another order, white space, a doubled member, another
 * way to write a number, a byte order mark or bytes that are not UTF-8 are refused.
 * @param isExpected checks the shape first, so that a hostile text is not worked on for long
 * @returns the value, or null when it is not of the shape or its bytes are not canonical
 */
export function parseCanonicalJson<T>(bytes: Uint8Array, isExpected: (value: unknown) => value is T): T | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return isExpected(value) && canonicalJson(value) === text ? value : null;
  } catch {
    return null;
  }
}
