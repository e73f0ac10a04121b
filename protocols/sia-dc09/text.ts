/**
 * Text of a message: UTF-8 where it is valid, else Windows-1252, as panels send it. The CRC is never computed over
 * this: decoding first breaks it.
 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return new TextDecoder('windows-1252').decode(bytes);
    throw error;
  }
}
