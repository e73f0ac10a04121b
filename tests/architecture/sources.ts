import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/** Folders of the house that hold source. */
export const LAYERS = [
  'contract',
  'platform',
  'protocols',
  'evidence',
  'edge',
  'hub',
  'dashboard',
  'demo',
  'cli',
  'bench',
] as const;

/** A source file. `path` is relative to the project, with `/`. */
export interface SourceFile {
  path: string;
  text: string;
  lines: string[];
  /** Project files that it imports, types included. */
  imports: string[];
  /** Packages and Node modules that it imports. */
  packages: string[];
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return /\.(ts|tsx)$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : [];
  });
}

/** Comments are blanked, so that what stands in them is no import; texts stay, because they hold the names. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1');
}

function specifiers(text: string): string[] {
  const found: string[] = [];
  const code = withoutComments(text);
  for (const pattern of [
    /\bfrom\s+['"]([^'"]+)['"]/g,
    /^\s*import\s+['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g,
  ]) {
    for (const match of code.matchAll(pattern)) found.push(match[1] ?? '');
  }
  return found;
}

function readSource(path: string): SourceFile {
  const text = readFileSync(path, 'utf8');
  const all = specifiers(text);
  const imports = all
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(ROOT, resolve(dirname(path), name)).replaceAll('\\', '/'));
  return {
    path: relative(ROOT, path).replaceAll('\\', '/'),
    text,
    lines: text.split('\n'),
    imports,
    packages: all.filter((name) => !name.startsWith('.')),
  };
}

/** Every source file of the house, tests excluded. */
export const SOURCES: readonly SourceFile[] = LAYERS.flatMap((layer) => filesBelow(join(ROOT, layer))).map(readSource);

/** What tests and benchmarks share; it may import every layer. */
export const SUPPORT: readonly SourceFile[] = filesBelow(join(ROOT, 'tests', 'support')).map(readSource);

/** First part of a path: its layer. */
export function layerOf(path: string): string {
  return path.split('/')[0] ?? '';
}
