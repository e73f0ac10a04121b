/** Header fields by lower-case name, each with its values in the order received. */
export type Headers = ReadonlyMap<string, readonly string[]>;

/** A request line with headers and body (RFC 2326 section 6). */
export interface RtspRequest {
  kind: 'request';
  method: string;
  uri: string;
  headers: Headers;
  body: Uint8Array;
}

/** A status line with headers and body (RFC 2326 section 7). */
export interface RtspResponse {
  kind: 'response';
  status: number;
  reason: string;
  headers: Headers;
  body: Uint8Array;
}

/** Whatever is not an interleaved frame. */
export type RtspMessage = RtspRequest | RtspResponse;

/** The first value of a header, trimmed; null where it is absent. `name` is lower case. */
export function header(message: { headers: Headers }, name: string): string | null {
  return message.headers.get(name)?.[0] ?? null;
}

/** Every value of a header. `name` is lower case. */
export function headerValues(message: { headers: Headers }, name: string): readonly string[] {
  return message.headers.get(name) ?? [];
}

/** `CSeq`, or null where a device leaves it out or writes nonsense. */
export function cseqOf(message: { headers: Headers }): number | null {
  const text = header(message, 'cseq');
  return text !== null && /^\d{1,10}$/.test(text) ? Number(text) : null;
}

const START_LINE = /^RTSP\/\d+\.\d+\s+(\d{3})(?:\s+(.*))?$/i;
const REQUEST_LINE = /^([A-Z_]{1,32})\s+(\S+)\s+RTSP\/\d+\.\d+$/;

/**
 * Start line and headers of a message without its body. Lines may end in LF alone. Null when the start line is
 * neither a request nor a status line.
 */
export function parseHead(text: string): RtspRequest | RtspResponse | null {
  const lines = text.split(/\r?\n/);
  const start = (lines[0] ?? '').trim();
  const headers = parseHeaderLines(lines.slice(1));
  const body = new Uint8Array(0);
  const status = START_LINE.exec(start);
  if (status !== null) return { kind: 'response', status: Number(status[1]), reason: status[2] ?? '', headers, body };
  const request = REQUEST_LINE.exec(start);
  if (request === null) return null;
  return { kind: 'request', method: request[1] ?? '', uri: request[2] ?? '', headers, body };
}

function parseHeaderLines(lines: readonly string[]): Headers {
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  return headers;
}
