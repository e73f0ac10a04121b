import { expect, test } from 'vitest';
import { ROUTES } from '../../../../contract/api/routes.ts';
import { buildOpenApi } from '../../../../hub/api/openapi.ts';

interface Operation {
  operationId: string;
  security: unknown[];
  responses: Record<string, unknown>;
  requestBody?: unknown;
}

test('the description holds every route of the contract with what it needs', async () => {
  const document = await buildOpenApi();
  const paths = document['paths'] as Record<string, Record<string, Operation>>;
  const described = Object.values(paths).flatMap((methods) => Object.values(methods).map((one) => one.operationId));
  expect(described.sort()).toEqual(Object.keys(ROUTES).sort());
  for (const [name, route] of Object.entries(ROUTES)) {
    const path = route.path.replace(/:([A-Za-z]+)/g, '{$1}');
    const operation = paths[path]?.[route.method.toLowerCase()];
    expect([name, operation?.operationId]).toEqual([name, name]);
    expect([name, operation?.security.length]).toEqual([name, route.access.kind === 'public' ? 0 : 1]);
    expect([name, operation?.requestBody !== undefined]).toEqual([name, 'body' in route]);
    expect(Object.keys(operation?.responses ?? {})).toContain(route.response === null ? '204' : '200');
  }
});
