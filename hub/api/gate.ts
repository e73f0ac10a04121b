import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SharpEyesError } from '../../contract/errors.ts';
import type { Access } from '../access/access.ts';
import { isOwnOrigin } from '../access/origin.ts';
import { tokenFromCookies } from '../access/session.ts';
import { Caller } from './caller.ts';
import { setSessionCookie } from './session-cookie.ts';

/** What the gate asks. */
export interface GateOptions {
  access: Access;
  /** Whether a secret is the edge's. */
  isAuthenticEdge(edgeId: string, secret: string): Promise<boolean>;
  isSecure: boolean;
}

const READING = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Lets nothing pass that does not fulfil its route's access. It runs before the body is read, and a route that does not
 * say what it needs cannot be registered at all.
 */
export function installGate(app: FastifyInstance, options: GateOptions): void {
  app.decorateRequest('caller', null);
  app.decorateRequest('edgeId', null);
  app.addHook('onRoute', (route) => {
    if (route.config?.access !== undefined) return;
    throw new SharpEyesError('INTERNAL', `the route ${String(route.method)} ${route.url} does not say what it needs`);
  });
  app.addHook('onRequest', async (request, reply) => {
    if (!request.is404) await admit(request, reply, options);
  });
}

async function admit(request: FastifyRequest, reply: FastifyReply, options: GateOptions): Promise<void> {
  const { access: needed } = request.routeOptions.config;
  if (needed === undefined) throw new SharpEyesError('INTERNAL', 'this route does not say what it needs');
  if (needed.kind === 'edge') {
    request.edgeId = await edgeOf(request, options);
    return;
  }
  if (!READING.includes(request.method)) checkOrigin(request);
  if (needed.kind === 'public') return;
  const caller = await callerOf(request, reply, options);
  request.caller = caller;
  if (needed.kind === 'signed-in') return;
  if (caller.session.mustChangePassword) {
    throw new SharpEyesError('PASSWORD_CHANGE_NEEDED', 'choose a password of your own first');
  }
  options.access.demandPermission(caller.session, needed.permission);
  if (needed.area === 'whole' && !options.access.includes(caller.session, null)) {
    throw new SharpEyesError('NOT_ALLOWED', 'this needs an account whose area is the whole tree');
  }
}

function checkOrigin(request: FastifyRequest): void {
  const { origin, host, 'sec-fetch-site': fetchSite } = request.headers;
  if (isOwnOrigin(origin, host, { fetchSite: typeof fetchSite === 'string' ? fetchSite : undefined })) return;
  throw new SharpEyesError('BAD_ORIGIN', 'the request came from another site');
}

async function callerOf(request: FastifyRequest, reply: FastifyReply, options: GateOptions): Promise<Caller> {
  const token = tokenFromCookies(request.headers.cookie);
  const used = token === null ? null : await options.access.sessions.use(token);
  if (token === null || used === null) throw new SharpEyesError('NOT_SIGNED_IN', 'sign in first');
  if (used.isRenewed) setSessionCookie(reply, token, options.isSecure);
  return new Caller(used.session, request.ip, options.access);
}

/** An edge shows its id and secret as HTTP Basic credentials (RFC 7617). */
async function edgeOf(request: FastifyRequest, options: GateOptions): Promise<string> {
  const [scheme, encoded] = (request.headers.authorization ?? '').split(' ');
  const text = scheme?.toLowerCase() === 'basic' ? Buffer.from(encoded ?? '', 'base64').toString() : '';
  const at = text.indexOf(':');
  const edgeId = text.slice(0, Math.max(0, at));
  if (at > 0 && (await options.isAuthenticEdge(edgeId, text.slice(at + 1)))) return edgeId;
  throw new SharpEyesError('NOT_SIGNED_IN', 'the edge is unknown or its secret is wrong');
}
