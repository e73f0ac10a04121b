import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { SharpEyesError } from '../contract/errors.ts';
import { NODE_FLAGS } from '../platform/node-flags.ts';

const KILL_AFTER_MS = 15_000;

/**
 * Several processes with several threads each on one machine: fewer malloc arenas and a smaller young generation take
 * a third off their resident memory (`npm run bench -- demo`: 914 to 649 MB).
 */
const SMALL = { MALLOC_ARENA_MAX: '1', NODE_OPTIONS: '--max-semi-space-size=1' };

/** The demo has a few cameras and time to look after them more often. */
const SMALL_FLAGS = ['--heap-growing-percent=30'];

/** Tells a process to end when its standard input does, that is when this one was killed. */
const WITH_PARENT = 'SHARP_EYES_WITH_PARENT';

/** One of the demo's processes. Its standard output carries JSON lines, its standard error is shown as it comes. */
export class ChildProgram {
  readonly name: string;
  readonly #args: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #onMessage: (message: Record<string, unknown>) => void;
  #child: ChildProcess | null = null;
  #stopping = false;

  constructor(options: {
    name: string;
    args: readonly string[];
    env?: Readonly<Record<string, string>>;
    onMessage?: (message: Record<string, unknown>) => void;
  }) {
    this.name = options.name;
    this.#args = options.args;
    this.#env = options.env ?? {};
    this.#onMessage = options.onMessage ?? (() => undefined);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Starts the process and resolves with its first message that has the key `ready`. Rejects with the process's own
   * last words when it ends before.
   */
  start(): Promise<Record<string, unknown>> {
    // A process group of its own: Ctrl-C reaches the demo alone, which then stops the others in order.
    const child = spawn(process.execPath, [...NODE_FLAGS, ...SMALL_FLAGS, ...this.#args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...SMALL, SHARP_EYES_LOG: 'warn', ...process.env, ...this.#env, [WITH_PARENT]: '1' },
      detached: process.platform !== 'win32',
    });
    this.#child = child;
    this.#stopping = false;
    let lastWords = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      lastWords = (lastWords + chunk.toString()).slice(-4000);
      process.stderr.write(chunk);
    });
    return new Promise((resolve, reject) => {
      const failed = (): void =>
        reject(new SharpEyesError('INTERNAL', `${this.name} did not start${reasonOf(lastWords)}`));
      child.once('error', failed);
      child.once('exit', failed);
      if (child.stdout === null) return failed();
      createInterface({ input: child.stdout }).on('line', (line) => {
        const message = parse(line);
        if (message === null) return;
        if ('ready' in message) resolve(message);
        this.#onMessage(message);
      });
    });
  }

  /** Calls back when the process ends without having been asked to. */
  onCrash(handler: (code: number | null, signal: string | null) => void): void {
    this.#child?.once('exit', (code, signal) => {
      if (!this.#stopping) handler(code, signal);
    });
  }

  /** Asks the process to end and waits; kills it when it does not. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#stopping = true;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    const killer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
    child.kill('SIGTERM');
    await exited;
    clearTimeout(killer);
  }
}

function parse(line: string): Record<string, unknown> | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** The last line that is no log entry says best what went wrong; it was already shown in full. */
function reasonOf(lastWords: string): string {
  const plain = lastWords.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('{'));
  return plain.length === 0 ? '' : `: ${plain.at(-1)}`;
}
