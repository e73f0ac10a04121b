import { ERRORS, HTTP_STATUS } from '../contract/errors.ts';
import { buildOpenApi } from '../hub/api/openapi.ts';
import { devicesPage } from './devices-page.ts';
import { type ConfigKind, publishedSchema, SCHEMAS } from './published-schemas.ts';

/** Everything of docs/reference that is generated: file name → content. */
export async function referenceFiles(): Promise<Record<string, string>> {
  const schemas = (Object.keys(SCHEMAS) as ConfigKind[]).map((kind) => [
    `${kind}.schema.json`,
    `${publishedSchema(kind)}\n`,
  ]);
  return {
    ...(Object.fromEntries(schemas) as Record<string, string>),
    'openapi.json': `${JSON.stringify(await buildOpenApi(), null, 2)}\n`,
    'errors.md': errorsPage(),
    'devices.md': devicesPage(),
  };
}

function errorsPage(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { kind, help }]) => `| \`${code}\` | ${HTTP_STATUS[kind]} | ${help} |`,
  );
  return [
    '# Errors',
    '',
    'Generated from `contract/errors.ts`.',
    '',
    '| code | HTTP | what it means and what to do |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
