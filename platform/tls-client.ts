import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { messageOf, SharpEyesError } from '../contract/errors.ts';

/** An answer whose body was JSON (null when it was not). */
export interface JsonAnswer {
  status: number;
  body: unknown;
}

/** Most bytes of an answer that are read. */
const ANSWER_BYTES = 1024 * 1024;

/** Whether a host name or address is this machine itself. */
export function isLoopbackHost(host: string): boolean {
  const plain = host.replace(/^\[|\]$/g, '');
  return plain === 'localhost' || plain === '::1' || /^127\.\d+\.\d+\.\d+$/.test(plain);
}

/**
 * Refuses an address whose secrets would travel in clear text: without TLS only this machine itself may be meant.
 * @throws SharpEyesError `CONFIG_INVALID`
 */
export function requireTls(url: string): URL {
  const parsed = new URL(url);
  const isSecure = parsed.protocol === 'https:' || parsed.protocol === 'mqtts:';
  if (isSecure || isLoopbackHost(parsed.hostname)) return parsed;
  const message = `${parsed.protocol}//${parsed.host} is not encrypted; only this machine itself may be reached without TLS`;
  throw new SharpEyesError('CONFIG_INVALID', message, { context: { host: parsed.host } });
}

/**
 * Posts JSON to the hub, trusting only the given authority.
 * @throws SharpEyesError `TIMEOUT`, or `HUB_UNREACHABLE` (also when its certificate is not signed by `caPem`)
 */
export function postJson(options: {
  url: string;
  caPem: string | null;
  body: unknown;
  timeoutMs: number;
}): Promise<JsonAnswer> {
  const { url, caPem, timeoutMs } = options;
  const target = requireTls(url);
  const text = JSON.stringify(options.body);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      const message = `${target.host} cannot be reached: ${messageOf(error)}`;
      reject(
        error instanceof SharpEyesError ? error : new SharpEyesError('HUB_UNREACHABLE', message, { cause: error }),
      );
    };
    const signal = AbortSignal.timeout(timeoutMs);
    const ca = caPem === null ? {} : { ca: caPem };
    const request = send(target, { method: 'POST', headers, signal, ...ca }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > ANSWER_BYTES) request.destroy(new Error('the answer is too large'));
        else chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: jsonOf(Buffer.concat(chunks)) }));
    });
    request.on('error', (error) => {
      fail(signal.aborted ? new SharpEyesError('TIMEOUT', `${target.host} did not answer in ${timeoutMs} ms`) : error);
    });
    request.end(text);
  });
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}
