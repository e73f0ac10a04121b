// `npm test`: sets itself up, checks types and style, runs every test and says how many ran.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDashboard, ensureInstalled, fail, ROOT, requireNode, runForeground } from './setup.mjs';
import { ensureSystemPrograms } from './system-programs.mjs';

const tool = (name, file) => join(ROOT, 'node_modules', name, file);

requireNode();
ensureInstalled();
ensureSystemPrograms();
ensureDashboard();

const filters = process.argv.slice(2);
if (filters.length === 0) {
  for (const [what, args] of [
    ['The type check', [tool('typescript', 'bin/tsc'), '-p', '.']],
    ['The type check of contract/', [tool('typescript', 'bin/tsc'), '-p', 'contract']],
    ['The type check of dashboard/', [tool('typescript', 'bin/tsc'), '-p', 'dashboard']],
    ['The style check', [tool('@biomejs/biome', 'bin/biome'), 'check', '--max-diagnostics=20', '.']],
  ]) {
    if ((await runForeground(args)) !== 0) fail(`${what} failed; the lines above say where.`);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'sharp-eyes-test-'));
const report = join(folder, 'report.json');
const code = await runForeground(
  [
    tool('vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...filters,
  ],
  { SHARP_EYES_LOG: process.env.SHARP_EYES_LOG ?? 'warn' },
);
let counted;
try {
  counted = JSON.parse(readFileSync(report, 'utf8'));
} catch (error) {
  fail(`The tests ended without a report (exit code ${code}): ${error.message}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = counted;
console.log(`\n${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests + numTodoTests} skipped`);
process.exit(code === 0 && numPassedTests === 0 ? 1 : code);
