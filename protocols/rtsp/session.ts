/** The `Session` header (RFC 2326 section 12.37). */
export interface SessionHeader {
  id: string;
  /** After so many seconds without a sign of life the server forgets the session; null when it did not say. */
  timeoutSeconds: number | null;
}

/** What a server means that names no timeout (RFC 2326 section 12.37). */
export const DEFAULT_SESSION_TIMEOUT_SECONDS = 60;

/** Id and timeout of a `Session` value, or null when it holds no id. */
export function parseSession(value: string): SessionHeader | null {
  const [id = '', ...params] = value.split(';').map((part) => part.trim());
  if (id === '') return null;
  const timeout = params
    .map((param) => /^timeout\s*=\s*(\d{1,6})/i.exec(param)?.[1])
    .find((found) => found !== undefined);
  const seconds = timeout === undefined ? 0 : Number(timeout);
  return { id, timeoutSeconds: seconds > 0 ? seconds : null };
}

/** Upper-case methods of a `Public` or `Allow` value. */
export function parseMethods(value: string): Set<string> {
  return new Set(
    value
      .split(/[\s,]+/)
      .filter((name) => name !== '')
      .map((name) => name.toUpperCase()),
  );
}

/** Where a track's RTP begins (RFC 2326 section 12.33); values a server writes as nonsense are null. */
export interface RtpInfo {
  url: string;
  seq: number | null;
  rtpTime: number | null;
  ssrc: number | null;
}

/** Every entry of an `RTP-Info` value. */
export function parseRtpInfo(value: string): RtpInfo[] {
  // URLs may hold commas and semicolons of their own, so split where a new `url=` begins. Runs of spaces would be
  // searched over and over.
  return value
    .replace(/\s+/g, ' ')
    .split(/,\s*(?=url\s*=)/i)
    .map((entry) => {
      const url = /^\s*url\s*=\s*"?(.*?)"?\s*(?:;\s*(?:seq|rtptime|ssrc)\s*=|$)/i.exec(entry)?.[1] ?? '';
      return {
        url,
        seq: field(entry, 'seq', 10),
        rtpTime: field(entry, 'rtptime', 10),
        ssrc: field(entry, 'ssrc', 16),
      };
    })
    .filter((info) => info.url !== '');
}

function field(entry: string, name: string, radix: 10 | 16): number | null {
  const digits = radix === 10 ? '\\d{1,10}' : '[0-9a-f]{1,8}';
  const text = new RegExp(`;\\s*${name}\\s*=\\s*(${digits})\\s*(?:;|$)`, 'i').exec(entry)?.[1];
  return text === undefined ? null : Number.parseInt(text, radix);
}
