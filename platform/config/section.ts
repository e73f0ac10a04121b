import { type TObject, type TProperties, type TSchema, Type } from 'typebox';

/**
 * A part of a configuration: unknown names are refused, and one that is left out (or left empty) takes the defaults of
 * its properties. Every property is either given a `default` or has to be written by the user.
 */
export function section<P extends TProperties>(properties: P, description?: string): TObject<P> {
  const about = description === undefined ? {} : { description };
  return Type.Object(properties, { additionalProperties: false, default: {}, ...about });
}

/** The published JSON Schema (draft 2020-12) of a configuration: what has a default need not be written. */
export function schemaToJson(schema: TSchema, about: { id: string; title: string }): Record<string, unknown> {
  const plain = JSON.parse(JSON.stringify(schema)) as Record<string, unknown>;
  relax(plain);
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', $id: about.id, title: about.title, ...plain };
}

function relax(node: unknown): void {
  if (Array.isArray(node)) {
    for (const entry of node) relax(entry);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const record = node as Record<string, unknown>;
  const { properties, required } = record;
  if (Array.isArray(required) && typeof properties === 'object' && properties !== null) {
    const known = properties as Record<string, Record<string, unknown>>;
    const left = required.filter((name: string) => known[name]?.['default'] === undefined);
    if (left.length > 0) record['required'] = left;
    else delete record['required'];
  }
  for (const value of Object.values(record)) relax(value);
}
