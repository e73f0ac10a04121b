import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EdgeAddresses } from './fake-edge.ts';
import { freePorts } from './free-port.ts';
import { HubClient } from './hub.ts';
import { type Program, startProgram } from './program.ts';

/** A hub as a process of its own, that may be killed and started again with the same data and ports. */
export class HubProcess {
  readonly folder = mkdtempSync(join(tmpdir(), 'hub-process-'));
  #firstPort: number | null = null;
  #program: Program | null = null;
  /** Signed in as the first administrator. */
  admin = new HubClient('http://127.0.0.1');
  addresses: EdgeAddresses & { livePort: number; url: string } = { mqttUrl: '', mediaUrl: '', livePort: 0, url: '' };

  get pid(): number {
    return this.#program?.pid ?? 0;
  }

  /** The database's file. */
  get database(): string {
    return join(this.folder, 'data', 'hub.db');
  }

  async start(): Promise<void> {
    this.#firstPort ??= await freePorts(4);
    const [web, live, mqtt, media] = [0, 1, 2, 3].map((offset) => String((this.#firstPort ?? 0) + offset));
    const ports = [
      '--port',
      web ?? '',
      '--live-port',
      live ?? '',
      '--mqtt-port',
      mqtt ?? '',
      '--media-port',
      media ?? '',
    ];
    // With --demo the first password need not be changed.
    const args = ['hub/main.ts', '--data', join(this.folder, 'data'), '--host', '127.0.0.1', '--demo', ...ports];
    this.#program = startProgram(args);
    const ready = (await this.#program.message('ready', 'hub')) as unknown as EdgeAddresses & {
      url: string;
      livePort: number;
      firstLogin: { account: string; password: string } | null;
    };
    this.addresses = ready;
    const cookie = this.admin.cookie;
    this.admin = new HubClient(ready.url);
    this.admin.cookie = cookie;
    if (ready.firstLogin !== null) await this.admin.signIn(ready.firstLogin.account, ready.firstLogin.password);
  }

  /** Ends it without a warning. */
  async kill(): Promise<void> {
    await this.#program?.stop('SIGKILL');
  }

  /** Ends it in order and gives the exit code. */
  async stop(): Promise<unknown> {
    return this.#program?.stop();
  }

  /** What went to standard error. */
  get errors(): string {
    return this.#program?.errors ?? '';
  }

  /** Counters of the hub. */
  async counters(): Promise<Record<string, number>> {
    return ((await this.admin.get('/api/state')).json as { counters: Record<string, number> }).counters;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
