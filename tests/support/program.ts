import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { nodeFlagsFor } from '../../platform/node-flags.ts';
import { InVain, waitFor } from './wait.ts';

/** Root of the project. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** A program of the project as a process of its own. */
export class Program {
  readonly #child: ChildProcess;
  readonly #what: string;
  /** Lines of standard output. */
  readonly lines: string[] = [];
  /** The end of standard error, for failures. */
  errors = '';

  constructor(child: ChildProcess, what: string) {
    this.#child = child;
    this.#what = what;
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => this.lines.push(line));
    child.stderr?.on('data', (chunk: Buffer) => {
      this.errors = (this.errors + chunk.toString()).slice(-20_000);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Every line of standard output that is a JSON object. */
  messages(): Record<string, unknown>[] {
    return this.lines.flatMap((line) => {
      if (!line.startsWith('{')) return [];
      try {
        return [JSON.parse(line) as Record<string, unknown>];
      } catch {
        return [];
      }
    });
  }

  /** Waits for a JSON line that has `key` (with `value`, when given). */
  async message(key: string, value?: string, deadlineMs = 60_000): Promise<Record<string, unknown>> {
    return waitFor(
      `${this.#what} to say ${key}`,
      () => {
        const found = this.messages().find(
          (message) => key in message && (value === undefined || message[key] === value),
        );
        if (found === undefined && this.ended) {
          throw new InVain(
            `${this.#what} ended with ${this.#child.exitCode ?? this.#child.signalCode}: ${this.errors.slice(-3000)}`,
          );
        }
        return found;
      },
      deadlineMs,
    );
  }

  /** Ends the process (SIGTERM unless said otherwise) and resolves with its exit code or signal. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals | null> {
    if (!this.ended) {
      const exited = once(this.#child, 'exit');
      this.#child.kill(signal);
      await exited;
    }
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  /** Resolves when the process has ended by itself. */
  async exit(): Promise<number | NodeJS.Signals | null> {
    if (!this.ended) await once(this.#child, 'exit');
    return this.#child.exitCode ?? this.#child.signalCode;
  }
}

/** Starts a TypeScript file of the project on this Node; `env` is added to the environment. */
export function startProgram(args: readonly string[], env: Record<string, string> = {}): Program {
  const child = spawn(process.execPath, [...nodeFlagsFor(args), ...args], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, SHARP_EYES_LOG: 'warn', ...env },
  });
  return new Program(child, args.slice(0, 3).join(' '));
}
