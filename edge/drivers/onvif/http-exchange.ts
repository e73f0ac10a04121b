import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { messageOf, SharpEyesError } from '../../../contract/errors.ts';
import { lookupAllowed } from '../../../platform/allowed-lookup.ts';

/** One HTTP exchange with a device. */
export interface HttpExchange {
  method: 'GET' | 'POST';
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: string | null;
  timeoutMs: number;
  /** Most bytes of the answer that are read. */
  maxBytes: number;
  /** For `https`: `any` accepts the self-signed certificates of cameras. */
  trust: 'system' | 'any';
  signal?: AbortSignal;
  /** Whether an address may be dialled; asked for what a name means at the very moment of dialling. */
  isAllowed(address: string): boolean;
}

/** A device's answer. */
export interface HttpAnswer {
  status: number;
  /** Values of every `WWW-Authenticate` header, in order. */
  challenges: readonly string[];
  contentType: string;
  body: Buffer;
}

/**
 * Sends one request on a connection of its own: cameras keep connections open carelessly, and there are few requests.
 * @throws SharpEyesError DEVICE_UNREACHABLE, TIMEOUT, or LIMIT_REACHED for an answer that is too large; the signal's
 *   reason when it aborts
 */
export function exchange(options: HttpExchange): Promise<HttpAnswer> {
  const { url, method, body, headers, timeoutMs, signal } = options;
  const secure = url.protocol === 'https:';
  const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const timeout = AbortSignal.timeout(timeoutMs);
  const either = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  const common = {
    method,
    headers: { ...headers, ...length, connection: 'close' },
    agent: false,
    signal: either,
    lookup: lookupAllowed(options.isAllowed),
  } as const;
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      if (signal?.aborted) reject(signal.reason);
      else reject(failure(error, url, timeout.aborted ? timeoutMs : null));
    };
    const sent = secure
      ? httpsRequest(url, { ...common, rejectUnauthorized: options.trust === 'system' })
      : httpRequest(url, common);
    sent.on('error', fail);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= options.maxBytes) chunks.push(chunk);
        else sent.destroy(tooLarge(url, options.maxBytes));
      });
      response.on('error', fail);
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          challenges: response.headersDistinct['www-authenticate'] ?? [],
          contentType: response.headers['content-type'] ?? '',
          body: Buffer.concat(chunks),
        });
      });
    });
    sent.end(body ?? undefined);
  });
}

function tooLarge(url: URL, maxBytes: number): SharpEyesError {
  return new SharpEyesError('LIMIT_REACHED', `${url.host} answers with more than ${maxBytes} bytes`);
}

function failure(error: unknown, url: URL, timeoutMs: number | null): SharpEyesError {
  if (error instanceof SharpEyesError) return error;
  const context = { host: url.host };
  if (timeoutMs !== null) {
    const message = `${url.host} did not answer within ${timeoutMs / 1000} s`;
    return new SharpEyesError('TIMEOUT', message, { context, cause: error });
  }
  const message = `${url.host} cannot be reached: ${messageOf(error)}`;
  return new SharpEyesError('DEVICE_UNREACHABLE', message, { context, cause: error });
}
