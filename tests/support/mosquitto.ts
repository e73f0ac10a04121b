import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { waitFor } from './wait.ts';

/** Where Mosquitto is installed; undefined when it is not. */
export const MOSQUITTO = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'].find(
  existsSync,
);

/** A real Mosquitto with a configuration that the hub has written. */
export class Mosquitto {
  readonly #conf: string;
  readonly #pidFile: string;
  #process: ChildProcess | null = null;
  #output = '';

  constructor(conf: string, pidFile: string) {
    this.#conf = conf;
    this.#pidFile = pidFile;
  }

  /** Starts it and writes its pid file; resolves when it runs. */
  async start(): Promise<void> {
    const own = `${this.#pidFile}.conf`;
    // Started as root it would become a user of its own, who could not read the hub's files again.
    const asRoot = process.getuid?.() === 0 ? 'user root\n' : '';
    writeFileSync(own, asRoot + readFileSync(this.#conf, 'utf8'));
    const child = spawn(MOSQUITTO ?? '', ['-c', own, '-v']);
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-200_000);
      });
    }
    writeFileSync(this.#pidFile, `${child.pid}\n`);
    await waitFor('Mosquitto to run', () => this.#output.includes('running'), 10_000).catch((error: unknown) => {
      throw new Error(`Mosquitto does not start: ${this.#output}`, { cause: error });
    });
  }

  /** The end of its log. */
  get output(): string {
    return this.#output;
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill();
    await exited;
  }
}
