// `npm pack`: Node refuses to strip types under node_modules, so the package ships JavaScript. The source tree is
// transpiled file by file into dist/, with its data files beside it, so that every relative path stays as it is.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ensureDashboard, ensureInstalled, fail, ROOT } from './setup.mjs';

ensureInstalled();
ensureDashboard();
const { transform } = await import('esbuild');

const DIST = join(ROOT, 'dist');
const SOURCES = ['contract', 'platform', 'protocols', 'evidence', 'edge', 'hub', 'cli', 'demo'];
const DATA = ['device-profiles', 'dashboard/dist'];
/** Made once by hand, not needed to run. */
const LEFT_OUT = [
  /^demo\/clips\/(make|encode|browser|page|scenes|scene|canvas)\.ts$/,
  /^demo\/clips\/(scenes|kit)\//,
  /tsconfig\.json$/,
];
const SPECIFIER = /((?:\bfrom|\bimport)\s*\(?\s*|new URL\(\s*)(["'])(\.{1,2}\/[^"'\n]+)\.ts\2/g;

function filesBelow(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

async function transpile(file, target) {
  const { code } = await transform(readFileSync(file, 'utf8'), { loader: 'ts', format: 'esm', target: 'node24' });
  const rewritten = code.replace(SPECIFIER, '$1$2$3.js$2');
  const left = /["'`][^"'`\n]*\.ts["'`]/.exec(rewritten);
  if (left !== null && /\.{1,2}\//.test(left[0]))
    fail(`${relative(ROOT, file)}: ${left[0]} would not be found in the package`);
  writeFileSync(target.replace(/\.ts$/, '.js'), rewritten);
}

rmSync(DIST, { recursive: true, force: true });
for (const folder of SOURCES) {
  for (const file of filesBelow(join(ROOT, folder))) {
    const name = relative(ROOT, file);
    if (LEFT_OUT.some((pattern) => pattern.test(name))) continue;
    const target = join(DIST, name);
    mkdirSync(dirname(target), { recursive: true });
    if (name.endsWith('.ts')) await transpile(file, target);
    else cpSync(file, target);
  }
}
for (const folder of DATA) {
  if (!existsSync(join(ROOT, folder))) fail(`${folder} is missing`);
  cpSync(join(ROOT, folder), join(DIST, folder), { recursive: true });
}
const { name, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
writeFileSync(join(DIST, 'package.json'), JSON.stringify({ name, version, type: 'module', private: true }));
