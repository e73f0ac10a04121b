/** Header fields to send, in order; values must be free of line breaks, which are replaced by spaces. */
export type HeaderList = readonly (readonly [name: string, value: string | number])[];

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  301: 'Moved Permanently',
  302: 'Moved Temporarily',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  415: 'Unsupported Media Type',
  453: 'Not Enough Bandwidth',
  454: 'Session Not Found',
  455: 'Method Not Valid in This State',
  457: 'Invalid Range',
  459: 'Aggregate Operation Not Allowed',
  461: 'Unsupported Transport',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  551: 'Option not supported',
};

/** The bytes of an RTSP/1.0 request. `Content-Length` is added when there is a body. */
export function buildRequest(method: string, uri: string, headers: HeaderList, body: string | Uint8Array = ''): Buffer {
  return assemble(`${method} ${uri.replace(/\s/g, '%20')} RTSP/1.0`, headers, body);
}

/** The bytes of an RTSP/1.0 response. `Content-Length` is added when there is a body. */
export function buildResponse(status: number, headers: HeaderList, body: string | Uint8Array = ''): Buffer {
  return assemble(`RTSP/1.0 ${status} ${REASONS[status] ?? 'Status'}`, headers, body);
}

/** One interleaved frame (RFC 2326 section 10.12); `payload` holds at most 65535 bytes. */
export function buildInterleaved(channel: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(4 + payload.length);
  writeInterleavedHeader(frame, 0, channel, payload.length);
  frame.set(payload, 4);
  return frame;
}

/** Writes the four bytes before an interleaved frame of `length` bytes. */
export function writeInterleavedHeader(target: Uint8Array, at: number, channel: number, length: number): void {
  target[at] = 0x24;
  target[at + 1] = channel;
  target[at + 2] = length >>> 8;
  target[at + 3] = length;
}

function assemble(startLine: string, headers: HeaderList, body: string | Uint8Array): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  const lines = headers.map(([name, value]) => `${name}: ${String(value).replace(/[\r\n]+/g, ' ')}\r\n`);
  if (bytes.length > 0) lines.push(`Content-Length: ${bytes.length}\r\n`);
  const head = Buffer.from(`${startLine}\r\n${lines.join('')}\r\n`, 'utf8');
  return bytes.length === 0 ? head : Buffer.concat([head, bytes]);
}
