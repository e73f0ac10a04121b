import { readFileSync } from 'node:fs';
import type { Static, TSchema } from 'typebox';
import { Clone, Default } from 'typebox/value';
import { isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import { type ConfigPath, explain, type Finding } from './explain.ts';

/** One fault of a configuration file, where it stands and what would be right. Lines and columns count from 1. */
export interface ConfigProblem {
  file: string;
  line: number;
  column: number;
  /** E.g. `recording.streams[1]`; empty for the file as a whole. */
  path: string;
  message: string;
  allowed: readonly string[];
  nearest: string | null;
}

const MAX_BYTES = 1024 * 1024;
const MAX_PROBLEMS = 20;

/**
 * Reads a YAML configuration; defaults are filled in.
 * @throws SharpEyesError `CONFIG_MISSING`, or `CONFIG_INVALID` whose message names every fault with its line
 */
export function loadConfig<S extends TSchema>(file: string, schema: S): Static<S> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const message = `cannot read the configuration ${file}: ${messageOf(cause)}`;
    throw new SharpEyesError('CONFIG_MISSING', message, { context: { file }, cause });
  }
  return checkConfigText(text, file, schema);
}

/**
 * The same as {@link loadConfig} for a text that was already read; `file` only names it in messages.
 * @throws SharpEyesError `CONFIG_INVALID`; the context holds the first fault (file, line, column, path, allowed, nearest)
 */
export function checkConfigText<S extends TSchema>(text: string, file: string, schema: S): Static<S> {
  const { value, problems } = configProblems(text, file, schema);
  if (problems.length === 0) return value as Static<S>;
  throw configError(problems);
}

/** Every fault of a configuration text (at most 20) and the value with defaults, which fits only when there is none. */
export function configProblems(
  text: string,
  file: string,
  schema: TSchema,
): { value: unknown; problems: ConfigProblem[] } {
  const at = { file, line: 1, column: 1, path: '', allowed: [], nearest: null };
  if (text.length > MAX_BYTES) {
    return { value: null, problems: [{ ...at, message: `is larger than ${MAX_BYTES} characters` }] };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const problems = document.errors.slice(0, MAX_PROBLEMS).map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return { ...at, line, column: col, message: error.message };
    });
    return { value: null, problems };
  }
  let plain: unknown;
  try {
    plain = document.toJS({ maxAliasCount: 50 }) ?? {};
  } catch (error) {
    return { value: null, problems: [{ ...at, message: messageOf(error) }] };
  }
  const value = Default(schema, Clone(dropEmptySections(schema, plain)));
  const findings = explain(schema, value).slice(0, MAX_PROBLEMS);
  return { value, problems: findings.map((finding) => locate(finding, file, document.contents, lines)) };
}

/** One `CONFIG_INVALID` for a list of faults; one line per fault. Also for checks that a schema cannot express. */
export function configError(problems: readonly ConfigProblem[]): SharpEyesError {
  const [first] = problems;
  const context = { ...first, allowed: first?.allowed.join(', ') };
  return new SharpEyesError('CONFIG_INVALID', problems.map(problemText).join('\n'), { context });
}

/** One line: `file:line:column: path: what is wrong; what would be right`. */
export function problemText(problem: ConfigProblem): string {
  const where = `${problem.file}:${problem.line}:${problem.column}:`;
  const path = problem.path === '' ? '' : ` ${problem.path}:`;
  const near = problem.nearest === null ? '' : `; did you mean "${problem.nearest}"?`;
  const allowed = problem.allowed.length === 0 ? '' : `; allowed: ${problem.allowed.join(', ')}`;
  return `${where}${path} ${problem.message}${near}${allowed}`;
}

/** A heading without content (`recording:`) means "as by default", not "nothing". */
function dropEmptySections(schema: TSchema, value: unknown): unknown {
  const properties = (schema as { properties?: Record<string, TSchema> }).properties;
  if (properties === undefined || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const kept: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(value)) {
    const inner = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const isSection = inner !== undefined && 'properties' in inner;
    if (entry !== null || !isSection) kept[name] = inner === undefined ? entry : dropEmptySections(inner, entry);
  }
  return kept;
}

function locate(finding: Finding, file: string, top: ParsedNode | null, lines: LineCounter): ConfigProblem {
  const offset = offsetOf(top, finding.path, finding.atName);
  const { line, col } = lines.linePos(offset);
  const path = finding.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return {
    file,
    line: Math.max(1, line),
    column: Math.max(1, col),
    path: path.replace(/^\./, ''),
    message: finding.message,
    allowed: finding.allowed,
    nearest: finding.nearest,
  };
}

function offsetOf(top: ParsedNode | null, path: ConfigPath, atName: boolean): number {
  let node: ParsedNode | null = top;
  let offset = top?.range?.[0] ?? 0;
  for (const [index, part] of path.entries()) {
    const isLast = index === path.length - 1;
    let next: ParsedNode | null = null;
    if (isMap(node)) {
      const pair = node.items.find((item) => String(item.key) === String(part));
      if (pair === undefined) return offset;
      offset = pair.key.range?.[0] ?? offset;
      next = pair.value as ParsedNode | null;
      if (isLast && !atName && isScalar(next)) offset = next.range?.[0] ?? offset;
    } else if (isSeq(node) && typeof part === 'number') {
      next = (node.items[part] as ParsedNode | undefined) ?? null;
      offset = next?.range?.[0] ?? offset;
    }
    node = next;
  }
  return offset;
}
