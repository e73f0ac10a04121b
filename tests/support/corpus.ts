import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Recordings of real devices, beside the project where they are present. */
export const CORPUS = join(import.meta.dirname, '..', '..', '..', 'shared', 'corpus');

/** Whether the recordings are there; tests that need them skip, saying so, when not. */
export const hasCorpus = existsSync(CORPUS);
if (!hasCorpus) console.warn(`recordings not found at ${CORPUS}: the tests that read them are skipped`);

/** One unit of the corpus: its folder, its files and the facts expected of them. */
export interface CorpusUnit {
  name: string;
  folder: string;
  files: string[];
  unit: Record<string, unknown>;
  expected: Record<string, unknown>;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

/** Every unit of a category (`onvif`, `rtsp`, `alarm` …); empty where the corpus is absent. */
export function corpusUnits(category: string): CorpusUnit[] {
  if (!hasCorpus) return [];
  const root = join(CORPUS, category);
  return filesBelow(root)
    .filter((path) => path.endsWith('/unit.json'))
    .map((path) => {
      const folder = path.slice(0, -'/unit.json'.length);
      const expectedPath = join(folder, 'expected.json');
      return {
        name: relative(CORPUS, folder),
        folder,
        files: filesBelow(folder).filter((file) => !file.endsWith('/unit.json') && !file.endsWith('/expected.json')),
        unit: JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>,
        expected: existsSync(expectedPath)
          ? (JSON.parse(readFileSync(expectedPath, 'utf8')) as Record<string, unknown>)
          : {},
      };
    });
}
