const DECLARATION = '<?xml';
const ROOT = /^<(?:[\w.-]{1,32}:)?metadatastream[\s>/]/i;
/** Enough for a byte order mark, spaces, a prefix and the root's name. */
const LOOKED_AT = 96;

/** Whether a metadata document begins here: its declaration, its root element, or the header of a compressed one. */
export function beginsDocument(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] === 0x1f && bytes[start + 1] === 0x8b && end - start >= 2) return true;
  const view = bytes.subarray(start, Math.min(end, start + LOOKED_AT));
  const text = Buffer.from(view.buffer, view.byteOffset, view.length)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart();
  return text.startsWith(DECLARATION) || ROOT.test(text);
}
