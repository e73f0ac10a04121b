import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import { parseRequest, type ReceivedRequest } from '../../protocols/onvif/parse-request.ts';
import { buildFault } from '../../protocols/soap/fault.ts';
import type { DigestGate } from '../camera/digest-gate.ts';
import { listen } from '../listen.ts';

const BODY_MAX = 262_144;

/** Answers one operation; `path` is the request's, which names pull points. */
export type Operation = (request: ReceivedRequest, path: string) => string | Promise<string>;

/** What a virtual ONVIF device is made of. */
export interface OnvifServerOptions {
  address: string;
  port: number;
  gate: DigestGate;
  /** By operation name; the two media services share names and look at the request's namespace. */
  operations: Readonly<Record<string, Operation>>;
  /** Operations that anybody may call before signing in (ONVIF Core, access class PRE_AUTH). */
  preAuth: readonly string[];
  /** Pictures by path, behind the same sign-in. */
  pictures: Readonly<Record<string, () => Uint8Array>>;
}

/** HTTP server of a virtual ONVIF device: SOAP services and snapshots behind HTTP Digest. */
export class OnvifServer {
  readonly #options: OnvifServerOptions;
  #server: Server | null = null;

  constructor(options: OnvifServerOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#handle(request, response));
    server.requestTimeout = 10_000;
    this.#server = server;
    await listen(server, this.#options.port, this.#options.address);
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => response.destroy());
    try {
      if (request.method === 'GET') this.#picture(request, response);
      else await this.#soap(request, response);
    } catch (error) {
      const status = error instanceof SharpEyesError && error.kind === 'limit' ? 413 : 400;
      send(response, status, 'application/soap+xml', buildFault(['s:Sender', 'ter:WellFormed'], messageOf(error)));
    }
  }

  #refused(request: IncomingMessage, response: ServerResponse): boolean {
    const authorization = request.headers.authorization ?? null;
    const challenge = this.#options.gate.challenge(request.method ?? 'POST', request.url ?? '/', authorization);
    if (challenge === null) return false;
    response.setHeader('WWW-Authenticate', challenge);
    send(response, 401, 'text/plain', 'Unauthorized');
    return true;
  }

  #picture(request: IncomingMessage, response: ServerResponse): void {
    const picture = this.#options.pictures[request.url ?? ''];
    if (picture === undefined) return send(response, 404, 'text/plain', 'not found');
    if (!this.#refused(request, response)) send(response, 200, 'image/jpeg', picture());
  }

  async #soap(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = parseRequest(await readBody(request));
    const { operations, preAuth } = this.#options;
    if (!preAuth.includes(received.operation) && this.#refused(request, response)) return;
    const operation = operations[received.operation];
    const answer =
      operation === undefined
        ? buildFault(['s:Receiver', 'ter:ActionNotSupported'], `${received.operation} is not supported`)
        : await operation(received, request.url ?? '');
    const faulty = answer.includes('<s:Fault>');
    send(response, faulty ? 400 : 200, 'application/soap+xml; charset=utf-8', answer);
  }
}

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_MAX) throw new SharpEyesError('LIMIT_REACHED', `a request may have ${BODY_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
