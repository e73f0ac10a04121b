import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance } from 'fastify';
import type { RouteDefinition } from '../../contract/api/route.ts';
import { ROUTES } from '../../contract/api/routes.ts';
import { HTTP_STATUS } from '../../contract/errors.ts';
import { VERSION } from '../../platform/version.ts';
import { SESSION_COOKIE } from '../access/session.ts';

const FAILURE = {
  type: 'object',
  properties: {
    error: {
      type: 'object',
      properties: {
        code: { type: 'string', description: 'Stable; see the list of errors.' },
        message: { type: 'string', description: 'For a person.' },
        context: { type: 'object', additionalProperties: true },
        requestId: { type: 'string', description: 'Finds the entry in the log of the hub.' },
      },
      required: ['code', 'message', 'context', 'requestId'],
    },
  },
  required: ['error'],
} as const;

function needs({ access }: RouteDefinition): string {
  if (access.kind === 'public') return `Public: ${access.why}.`;
  if (access.kind === 'signed-in') return 'Needs: any account.';
  if (access.kind === 'edge') return "Needs: a joined edge's credential.";
  const where = { thing: 'of the thing', list: 'filters the answer', whole: 'has to be the whole tree' }[access.area];
  return `Needs: \`${access.permission}\`; the area ${where}.`;
}

function securityOf({ access }: RouteDefinition): Record<string, string[]>[] {
  if (access.kind === 'public') return [];
  return access.kind === 'edge' ? [{ edge: [] }] : [{ session: [] }];
}

function describe(app: FastifyInstance, name: string, route: RouteDefinition): void {
  const { method, path, summary, params, query, body, response } = route;
  app.route({
    method,
    url: path,
    schema: {
      operationId: name,
      summary,
      description: needs(route),
      tags: [path.split('/')[2] ?? 'hub'],
      security: securityOf(route),
      ...(params && { params }),
      ...(query && { querystring: query }),
      ...(body && { body }),
      response: {
        ...(response === null
          ? { 204: { type: 'null', description: 'Done, or a file where the summary says so.' } }
          : { 200: response }),
        default: { description: `Failed; the status follows the kind of error (${statuses()}).`, ...FAILURE },
      },
    },
    handler: async () => undefined,
  });
}

function statuses(): string {
  return Object.entries(HTTP_STATUS)
    .map(([kind, status]) => `${kind} ${status}`)
    .join(', ');
}

/** The description of the REST API (OpenAPI 3), made from the contract's routes. */
export async function buildOpenApi(): Promise<Record<string, unknown>> {
  const app = Fastify({ exposeHeadRoutes: false });
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Sharp Eyes hub', version: VERSION, description: 'The REST API between hub and dashboard.' },
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE },
          edge: { type: 'http', scheme: 'basic', description: 'Edge id and secret.' },
        },
      },
    },
  });
  app.after(() => {
    for (const [name, route] of Object.entries(ROUTES)) describe(app, name, route);
  });
  await app.ready();
  const document = JSON.parse(JSON.stringify(app.swagger())) as Record<string, unknown>;
  await app.close();
  return document;
}
