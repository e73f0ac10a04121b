import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { waitFor } from '../wait.ts';
import { MiniHub } from './mini-hub.ts';

const MAIN = join(import.meta.dirname, '..', '..', '..', 'edge', 'main.ts');

/** What the edge printed when it was ready. */
export interface ReadyLine {
  edgeId: string;
  listeners: { name: string; address: string }[];
}

/** A real edge process with a {@link MiniHub} on the other side. */
export class EdgeProcess {
  readonly hub = new MiniHub('north');
  readonly folder: string;
  readonly #config: Record<string, unknown>;
  #child: ChildProcess | null = null;
  #mqttUrl = '';
  #mediaUrl = '';
  #hubUrl = '';
  /** What it said on standard error, last run. */
  errors = '';

  constructor(folder: string, config: Record<string, unknown> = {}) {
    this.folder = folder;
    this.#config = config;
  }

  /** Starts the hub's side and writes configuration and join file. */
  async prepare(): Promise<void> {
    this.#mqttUrl = await this.hub.start();
    this.#mediaUrl = await this.hub.startMedia();
    this.#hubUrl = await this.hub.startWeb();
    mkdirSync(this.folder, { recursive: true });
    const listen = { enabled: true, host: '127.0.0.1', port: 0 };
    const config = {
      data: join(this.folder, 'data'),
      network: { allowed: [], loopback: true },
      discovery: { enabled: false },
      dc09: listen,
      localBroker: listen,
      ...this.#config,
    };
    writeFileSync(join(this.folder, 'edge.yaml'), stringify(config));
    this.writeJoinFile('join.json', 'token-of-the-join-file');
  }

  writeJoinFile(name: string, token: string, expiresAtMs = Date.now() + 3_600_000): void {
    const addresses = { hubUrl: this.#hubUrl, mqttUrl: this.#mqttUrl, mediaUrl: this.#mediaUrl, caPem: null };
    const file = { sharpEyesJoin: 1, edgeId: 'north', token, expiresAtMs, ...addresses };
    writeFileSync(join(this.folder, name), JSON.stringify(file));
  }

  /** Starts the edge and resolves with its ready line; rejects with what it said when it ends before. */
  start(joinFile: string | null): Promise<ReadyLine> {
    const args = [MAIN, '--config', join(this.folder, 'edge.yaml')];
    if (joinFile !== null) args.push('--join', join(this.folder, joinFile));
    this.errors = '';
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, SHARP_EYES_LOG: process.env['SHARP_EYES_LOG'] ?? 'warn' },
    });
    this.#child = child;
    child.stderr.on('data', (chunk: Buffer) => {
      this.errors = (this.errors + chunk.toString()).slice(-20_000);
    });
    return new Promise((resolve, reject) => {
      let output = '';
      child.once('close', (code) => reject(new Error(`the edge ended with ${code}: ${this.errors}`)));
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        const end = output.indexOf('\n');
        if (end >= 0) resolve(JSON.parse(output.slice(0, end)) as ReadyLine);
      });
    });
  }

  /** Ends the process; resolves with its exit code. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    child.kill(signal);
    return exited;
  }

  async cleanUp(): Promise<void> {
    await this.end('SIGKILL');
    await this.hub.stop();
  }

  /** Waits until the hub has the status of this run of the edge. */
  async online(): Promise<void> {
    const before = this.hub.statuses.length;
    await waitFor('the edge to be online', () => this.hub.statuses.slice(before).some(({ online }) => online));
  }

  /** Orders something and returns its result; fails when the edge answers with an error. */
  async order<T>(name: string, params: unknown): Promise<T> {
    const reply = await this.hub.order(name, params);
    if (!reply.ok) throw new Error(`${name}: ${reply.error?.code}: ${reply.error?.message}`);
    return reply.result as T;
  }
}
