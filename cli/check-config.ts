import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { messageOf } from '../contract/errors.ts';
import { configProblems } from '../platform/config/load.ts';
import { type ConfigKind, publishedSchema, SCHEMAS } from './published-schemas.ts';
import type { CommandOutput } from './verify.ts';

/** What a file is, by the keys that only one kind has. */
function kindOf(text: string): ConfigKind | null {
  const value: unknown = parse(text);
  if (typeof value !== 'object' || value === null) return null;
  const has = (...keys: string[]): boolean => keys.some((key) => Object.hasOwn(value, key));
  if (has('starts', 'joins')) return 'rule';
  if (has('driver', 'samples')) return 'profile';
  if (has('listen', 'broker', 'tls', 'names', 'demo')) return 'hub';
  if (has('discovery', 'localBroker', 'dc09', 'hj212', 'recording', 'network', 'uplink')) return 'edge';
  return null;
}

/** `sharp-eyes check-config`: 0 when the file is right, 1 when it is wrong, 2 when it cannot be told. */
export async function runCheckConfig(file: string, asked: ConfigKind | null, io: CommandOutput): Promise<number> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    io.err(`cannot read ${file}: ${messageOf(error)}`);
    return 2;
  }
  let kind = asked;
  try {
    kind ??= kindOf(text);
  } catch {
    // A file that is not even YAML gets its line and column below, whatever it was meant to be.
    kind ??= 'hub';
  }
  if (kind === null) {
    io.err(`${file}: cannot tell what this is; say --kind hub, edge, rule or profile`);
    return 2;
  }
  const { problems } = configProblems(text, file, SCHEMAS[kind]);
  for (const { line, column, path, message, nearest } of problems) {
    const hint = nearest === null ? '' : ` (did you mean "${nearest}"?)`;
    io.err(
      `${file}:${line}:${column}: ${path === '' ? '' : `${path} `}${message}${message.includes(nearest ?? '\0') ? '' : hint}`,
    );
  }
  if (problems.length > 0) return 1;
  io.out(`${file}: a correct ${kind} file.`);
  return 0;
}

/** `sharp-eyes schema`: the JSON Schema of a file. */
export async function runSchema(kind: string, io: CommandOutput): Promise<number> {
  if (!Object.hasOwn(SCHEMAS, kind)) {
    io.err(`there is no schema "${kind}"; there are: ${Object.keys(SCHEMAS).join(', ')}`);
    return 2;
  }
  io.out(publishedSchema(kind as ConfigKind));
  return 0;
}
