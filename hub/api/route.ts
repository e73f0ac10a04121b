import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Compile } from 'typebox/compile';
import type { RouteAccess } from '../../contract/access.ts';
import type { BodyOf, ParamsOf, QueryOf, ResponseOf, RouteDefinition } from '../../contract/api/route.ts';
import { SharpEyesError } from '../../contract/errors.ts';
import type { Caller } from './caller.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a route needs; every route has to say it. */
    access?: RouteAccess;
  }
  interface FastifyRequest {
    /** The person behind the request; null for public routes and edges. */
    caller: Caller | null;
    /** The edge behind the request; null for people. */
    edgeId: string | null;
  }
}

type CallerOf<R extends RouteDefinition> = R['access']['kind'] extends 'public' | 'edge' ? null : Caller;

/** A checked request of a route. */
export interface Call<R extends RouteDefinition> {
  params: ParamsOf<R>;
  query: QueryOf<R>;
  body: BodyOf<R>;
  caller: CallerOf<R>;
  /** Network address of the caller. */
  address: string;
  request: FastifyRequest;
  /** For answers that are no JSON; return it then. */
  reply: FastifyReply;
}

/** What a handler gives: the answer, nothing, or the reply that it answers by itself. */
export type Answer<R extends RouteDefinition> = R['response'] extends null
  ? Promise<FastifyReply | undefined> | Promise<void>
  : Promise<ResponseOf<R>>;

/** How one route differs from the others. */
export interface RouteOptions {
  /** Most requests per minute and address; else the common limit. */
  perMinute?: number;
  bodyLimitBytes?: number;
}

/** In tests an answer that is not as the contract says fails; in operation that costs nothing. */
const CHECK_ANSWERS = process.env['NODE_ENV'] === 'test';

/** Registers a route of the contract: method, path, schemas and access come from its definition. */
export function route<R extends RouteDefinition>(
  app: FastifyInstance,
  definition: R,
  handler: (call: Call<R>) => Answer<R>,
  options: RouteOptions = {},
): void {
  const { method, path, access, params, query, body } = definition;
  const checkAnswer = CHECK_ANSWERS && definition.response !== null ? Compile(definition.response) : null;
  const { perMinute, bodyLimitBytes } = options;
  app.route({
    method,
    url: path,
    config: { access, ...(perMinute === undefined ? {} : { rateLimit: { max: perMinute, timeWindow: 60_000 } }) },
    schema: { ...(params && { params }), ...(query && { querystring: query }), ...(body && { body }) },
    ...(bodyLimitBytes === undefined ? {} : { bodyLimit: bodyLimitBytes }),
    handler: async (request, reply) => {
      const answer = await handler({
        params: request.params as ParamsOf<R>,
        query: request.query as QueryOf<R>,
        body: request.body as BodyOf<R>,
        caller: request.caller as CallerOf<R>,
        address: request.ip,
        request,
        reply,
      });
      checkAreaWasAsked(definition, request);
      if (answer === undefined) return reply.code(204).send();
      if (checkAnswer !== null && !checkAnswer.Check(answer)) {
        const [error] = checkAnswer.Errors(answer);
        throw new SharpEyesError('INTERNAL', `${method} ${path} answers off the contract: ${JSON.stringify(error)}`);
      }
      return answer;
    },
  });
}

/** A route about things in places that never looked at the place would show them to everybody. */
function checkAreaWasAsked({ access, method, path }: RouteDefinition, request: FastifyRequest): void {
  if (access.kind !== 'permission' || access.area === 'whole' || request.caller?.hasAsked === true) return;
  throw new SharpEyesError('INTERNAL', `${method} ${path} did not check the area`);
}
