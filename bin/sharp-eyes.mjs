#!/usr/bin/env node
// Entry of the installed package. Runs on the pinned Node 24 when it is there, else on a system Node that is new enough.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const program = [join(root, 'dist', 'cli', 'main.js'), join(root, 'cli', 'main.ts')].find((file) => existsSync(file));

function pinnedNode() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('node/package.json'));
    return [join(folder, 'bin', 'node'), join(folder, 'bin', 'node.exe')].find((file) => existsSync(file));
  } catch {
    return undefined;
  }
}

const major = Number(process.versions.node.split('.')[0]);
const node = pinnedNode() ?? (major >= 24 ? process.execPath : undefined);
if (node === undefined) {
  console.error(
    `sharp-eyes needs Node 24; this is ${process.versions.node} and the npm package \`node\` has no program: run \`npm rebuild node\` or install Node 24.`,
  );
  process.exit(1);
}
// See platform/node-flags.ts.
const flags = ['--single-threaded-gc', '--external-memory-accounted-in-global-limit', '--heap-growing-percent=100'];
const edgeFlags = ['--no-incremental-marking', '--expose-gc', '--min-semi-space-size=8'];
const isEdge = process.argv[2] === 'edge';
const child = spawn(node, [...flags, ...(isEdge ? edgeFlags : []), program, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
// A terminal sends Ctrl-C to the child as well; without one the signal came to this process alone.
process.on('SIGINT', () => {
  if (!process.stdin.isTTY) child.kill('SIGINT');
});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
