import type { Static, TSchema } from 'typebox';
import type { RouteAccess } from '../access.ts';

/** HTTP methods in use. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A route of the REST API: what it needs, takes and gives. Hub and dashboard both read it. */
export interface RouteDefinition {
  method: Method;
  /** Fastify notation, e.g. `/api/incidents/:incidentId`. */
  path: string;
  /** One sentence for the API's description. */
  summary: string;
  access: RouteAccess;
  params?: TSchema;
  query?: TSchema;
  body?: TSchema;
  /** Schema of the answer; `null` for a file or an empty answer. */
  response: TSchema | null;
}

type SchemaOf<R, K extends string> = R extends { readonly [P in K]: infer S extends TSchema } ? Static<S> : undefined;

/** Path parameters of a route. */
export type ParamsOf<R> = SchemaOf<R, 'params'>;
/** Query of a route. */
export type QueryOf<R> = SchemaOf<R, 'query'>;
/** Body of a route. */
export type BodyOf<R> = SchemaOf<R, 'body'>;
/** Answer of a route. */
export type ResponseOf<R> = SchemaOf<R, 'response'>;
