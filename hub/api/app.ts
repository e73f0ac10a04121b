import { randomBytes } from 'node:crypto';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Log } from '../../platform/log.ts';
import { contentSecurityPolicy } from './content-security-policy.ts';
import { failureHandler } from './failure.ts';
import { type GateOptions, installGate } from './gate.ts';

/** What the web server is built from. */
export interface AppOptions extends Omit<GateOptions, 'isSecure'> {
  /** PEM texts; null for plain HTTP (loopback only). */
  tls: { cert: string; key: string } | null;
  /** Port of the viewer's WebSocket, as far as it is known when a page is asked for. */
  livePort(): number;
  limits: { connections: number; requestsPerMinute: number; bodyBytes: number };
  log: Log;
}

/** A slow line may take this long to send one request, e.g. a piece of an upload. */
const REQUEST_TIMEOUT_MS = 15 * 60_000;
const HEADERS_TIMEOUT_MS = 30_000;

/** The web server with everything that holds for each route: who may pass, limits, headers and how it fails. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { tls, limits, log } = options;
  const common = {
    bodyLimit: limits.bodyBytes,
    genReqId: () => randomBytes(9).toString('base64url'),
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 128 },
  } as const;
  const app = (
    tls === null ? Fastify(common) : Fastify({ ...common, https: { ...tls, minVersion: 'TLSv1.2' } })
  ) as FastifyInstance;
  app.server.maxConnections = limits.connections;
  app.server.headersTimeout = HEADERS_TIMEOUT_MS;
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  app.setErrorHandler(failureHandler(log));
  app.setNotFoundHandler((_request, reply) => {
    const error = { code: 'NOT_FOUND', message: 'there is nothing under this address', context: {} };
    return reply.code(404).send({ error: { ...error, requestId: reply.request.id } });
  });
  await app.register(rateLimit, { max: limits.requestsPerMinute, timeWindow: 60_000, cache: 10_000 });
  await app.register(helmet, {
    contentSecurityPolicy: contentSecurityPolicy(options.livePort),
    // Certificates of a private authority can be refused; a browser must then be able to go on as before.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginEmbedderPolicy: false,
  });
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id);
    if (request.url.startsWith('/api/') && !reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions, id, ip } = request;
    const durationMs = Math.round(reply.elapsedTime);
    log.debug({ requestId: id, method, route: routeOptions.url, status: reply.statusCode, durationMs, ip }, 'request');
  });
  installGate(app, { ...options, isSecure: tls !== null });
  return app;
}
