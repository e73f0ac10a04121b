// What `npm start` and `npm test` share: they run on any Node >= 20 with nothing installed yet.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export const ROOT = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const MODULES = join(ROOT, 'node_modules');
/** The pinned Node that runs everything after the set-up. */
export const PINNED_NODE = join(MODULES, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const INSTALL_MARK = join(MODULES, '.sharp-eyes-installed');
const BUILD_MARK = join(ROOT, 'dashboard', 'dist', '.built-from');

/** Prints one line and ends the program. */
export function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

function run(command, args, what) {
  const result = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], env: childEnv() });
  if (result.error) fail(`${what} could not be started: ${result.error.message}`);
  if (result.signal === 'SIGINT') process.exit(130);
  if (result.status !== 0) fail(`${what} failed (exit code ${result.status}); the lines above say why.`);
}

/** Environment of children: programs of the project come first on the path. */
export function childEnv() {
  return { ...process.env, PATH: `${join(MODULES, '.bin')}${delimiter}${process.env.PATH ?? ''}` };
}

function hashOf(paths) {
  const hash = createHash('sha256');
  const visit = (path) => {
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) {
        if (name !== 'node_modules' && name !== 'dist') visit(join(path, name));
      }
    } else hash.update(path.slice(ROOT.length)).update(readFileSync(path));
  };
  for (const path of paths) if (existsSync(path)) visit(path);
  return hash.digest('hex');
}

const readMark = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/** Installs the packages of the lock file unless they are there. */
export function ensureInstalled() {
  const wanted = hashOf([join(ROOT, 'package-lock.json')]);
  if (readMark(INSTALL_MARK) === wanted && existsSync(PINNED_NODE)) return;
  console.log('Installing packages (once) …');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  if (npm) run(process.execPath, [npm, ...args], 'npm ci');
  else run('npm', args, 'npm ci');
  if (!existsSync(PINNED_NODE))
    fail('The npm package `node` did not bring its program; run `npm rebuild node` and try again.');
  writeFileSync(INSTALL_MARK, wanted);
}

/** Builds the dashboard unless it is built from these very sources. */
export function ensureDashboard() {
  const wanted = hashOf([join(ROOT, 'dashboard'), join(ROOT, 'contract'), join(ROOT, 'package-lock.json')]);
  if (readMark(BUILD_MARK) === wanted) return;
  console.log('Building the dashboard (once) …');
  run(
    PINNED_NODE,
    [join(MODULES, 'vite', 'bin', 'vite.js'), 'build', 'dashboard', '--logLevel', 'warn'],
    'The dashboard build',
  );
  mkdirSync(join(ROOT, 'dashboard', 'dist'), { recursive: true });
  writeFileSync(BUILD_MARK, wanted);
}

/** Runs a program of the project to its end, hands signals on, and resolves with its exit code. */
export function runForeground(args, extraEnv = {}) {
  return new Promise((resolve) => {
    const child = spawn(PINNED_NODE, args, { cwd: ROOT, stdio: 'inherit', env: { ...childEnv(), ...extraEnv } });
    // A terminal sends Ctrl-C to the child as well; without one the signal came to this process alone.
    process.on('SIGINT', () => {
      if (!process.stdin.isTTY) child.kill('SIGINT');
    });
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    child.on('error', (error) => fail(`The pinned Node could not be started: ${error.message}`));
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

/** Ends with a sentence when this Node is too old to go on. */
export function requireNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20)
    fail(
      `Node ${process.versions.node} is too old: install Node 20 or newer (the project then brings its own Node 24).`,
    );
}
