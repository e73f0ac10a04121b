import type { TSchema } from 'typebox';
import { Check, Errors } from 'typebox/value';
import { nearest } from './nearest.ts';

/** Where in a configuration: names and list positions from the top. */
export type ConfigPath = readonly (string | number)[];

/** One thing that is wrong, before it is known in which line. */
export interface Finding {
  path: ConfigPath;
  /** The finding is about the name at the end of `path`, not about its value. */
  atName: boolean;
  message: string;
  allowed: readonly string[];
  nearest: string | null;
}

interface Node {
  properties?: Record<string, TSchema>;
  required?: readonly string[];
  additionalProperties?: unknown;
  patternProperties?: Record<string, TSchema>;
  items?: TSchema;
  anyOf?: readonly TSchema[];
  const?: unknown;
  type?: string;
}

/** Everything that keeps a value from fitting a schema, in the order of the schema; empty when it fits. */
export function explain(schema: TSchema, value: unknown, path: ConfigPath = []): Finding[] {
  if (Check(schema, value)) return [];
  const node = schema as Node;
  if (node.anyOf !== undefined) return explainUnion(node.anyOf, schema, value, path);
  if (node.type === 'object' && isRecord(value)) {
    const found = explainObject(node, value, path);
    if (found.length > 0) return found;
  }
  if (node.type === 'array' && Array.isArray(value) && node.items !== undefined) {
    const items = node.items;
    const found = (value as unknown[]).flatMap((entry, index) => explain(items, entry, [...path, index]));
    if (found.length > 0) return found;
  }
  return [leaf(schema, value, path)];
}

function explainObject(node: Node, value: Record<string, unknown>, path: ConfigPath): Finding[] {
  const properties = node.properties ?? {};
  const names = Object.keys(properties);
  const found: Finding[] = [];
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(properties, name) || node.additionalProperties !== false) continue;
    const near = nearest(name, names);
    found.push({ path: [...path, name], atName: true, message: 'unknown name', allowed: names, nearest: near });
  }
  for (const name of node.required ?? []) {
    if (name in value) continue;
    found.push({ path, atName: true, message: `"${name}" is missing`, allowed: [], nearest: null });
  }
  for (const [name, schema] of Object.entries(properties)) {
    if (value[name] !== undefined) found.push(...explain(schema, value[name], [...path, name]));
  }
  for (const schema of Object.values(node.patternProperties ?? {})) {
    for (const [name, entry] of Object.entries(value)) found.push(...explain(schema, entry, [...path, name]));
  }
  return found;
}

function explainUnion(variants: readonly TSchema[], schema: TSchema, value: unknown, path: ConfigPath): Finding[] {
  const constants = variants.map((variant) => (variant as Node).const);
  if (constants.every((constant) => constant !== undefined)) {
    const allowed = constants.map(String);
    const near = typeof value === 'string' ? nearest(value, allowed) : null;
    return [{ path, atName: false, message: `${shown(value)} is not allowed here`, allowed, nearest: near }];
  }
  const sameShape = variants.filter((variant) => shapeOf(value) === (variant as Node).type);
  const tries = sameShape.map((variant) => explain(variant, value, path)).sort((a, b) => a.length - b.length);
  return tries[0] ?? [leaf(schema, value, path)];
}

function leaf(schema: TSchema, value: unknown, path: ConfigPath): Finding {
  const { type } = schema as Node;
  const [error] = Errors(schema, value);
  const why =
    type !== undefined && shapeOf(value) !== type && !(type === 'number' && shapeOf(value) === 'integer')
      ? `must be ${/^[aio]/.test(type) ? 'an' : 'a'} ${type}, not ${shown(value)}`
      : `${shown(value)} ${error?.message ?? 'does not fit'}`;
  return { path, atName: false, message: why, allowed: [], nearest: null };
}

function shapeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'a section';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
