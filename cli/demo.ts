import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, SharpEyesError } from '../contract/errors.ts';
import type { TownshipConfig } from '../demo/township/config.ts';
import { identityFiles } from '../hub/identity/identity-files.ts';
import { writeFileSafely } from '../platform/files.ts';
import { ChildProgram } from './child-program.ts';
import { banner } from './demo-banner.ts';
import { type DemoPorts, demoPorts, writeDemoConfigs } from './demo-files.ts';
import type { CommandOutput } from './verify.ts';

/** What only the township's devices call. */
const FOR_DEVICES: ReadonlySet<string> = new Set(['localBroker', 'dc09', 'hj212']);
const EDGE_ID = 'qinghe';
const EDGE_NAME = '清河镇 Qinghe';
const RESTART_MS = 1000;

/** What `sharp-eyes demo` was asked. */
export interface DemoOptions {
  port: number;
  data: string;
  host: string;
  /** Whether the virtual township is started. */
  township: boolean;
  tls: boolean;
  /** Whether browsers may take pictures straight from the edge. */
  direct: boolean;
  firstPauseSeconds: number;
  /** With a camera that sends H.265. */
  h265: boolean;
}

interface Login {
  account: string;
  password: string;
}

/** Beside this file in the source tree and in the installed package alike. */
const MAIN = join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? 'main.ts' : 'main.js');
const TOWNSHIP = join(
  dirname(import.meta.dirname),
  'demo',
  import.meta.filename.endsWith('.ts') ? 'main.ts' : 'main.js',
);

/** Runs hub, edge and township until it is asked to end; resolves with the exit code. */
export async function runDemo(options: DemoOptions, io: CommandOutput): Promise<number> {
  const demo = new Demo({ ...options, data: resolve(options.data) }, io);
  const asked = new Promise<void>((done) => {
    let firstAtMs: number | null = null;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        // The same Ctrl-C may come twice, from the terminal and from npm; one that comes later is impatience.
        if (firstAtMs !== null && performance.now() - firstAtMs > 1000) process.exit(130);
        firstAtMs ??= performance.now();
        done();
      });
    }
  });
  try {
    await demo.start();
    await asked;
    io.out('Stopping …');
    return 0;
  } catch (error) {
    if (!(error instanceof SharpEyesError)) throw error;
    io.err(messageOf(error));
    return 1;
  } finally {
    await demo.stop();
  }
}

class Demo {
  readonly #options: DemoOptions;
  readonly #io: CommandOutput;
  readonly #ports: DemoPorts;
  readonly #programs: ChildProgram[] = [];
  #stopping = false;

  constructor(options: DemoOptions, io: CommandOutput) {
    this.#options = options;
    this.#io = io;
    this.#ports = demoPorts(options.port);
  }

  async start(): Promise<void> {
    await this.#checkPorts();
    const { data, host, tls, direct, township } = this.#options;
    const configs = await writeDemoConfigs({ data, host, tls, direct, township, ports: this.#ports });
    const ready = await this.#run('hub', [MAIN, 'hub', '--config', configs.hub]);
    const url = String(ready['url']);
    const firstLogin = (ready['firstLogin'] ?? null) as Login | null;
    const people = township ? await this.#people() : [];
    for (const line of banner({ url, firstLogin, people, data, township })) this.#io.out(line);
    // The devices are on before the edge looks for them.
    const script = people.find(({ account }) => account === 'demo-script');
    if (script !== undefined) await this.#startTownship(url, script);
    await this.#startEdge(configs.edge);
    this.#io.out('Ready.');
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    // The edge first, so that it does not see its devices vanish; the hub last, so that it has every event.
    const order = ['edge', 'township', 'hub'];
    const programs = this.#programs.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
    for (const program of programs) await program.stop();
  }

  /** A taken port is said in plain words before anything starts. */
  async #checkPorts(): Promise<void> {
    for (const [use, port] of Object.entries(this.#ports)) {
      const host = FOR_DEVICES.has(use) ? '127.0.0.1' : this.#options.host;
      const free = await new Promise<boolean>((done) => {
        const server = createServer();
        server.once('error', () => done(false));
        server.listen(port, host, () => server.close(() => done(true)));
      });
      if (free) continue;
      const message = `Port ${port} is taken by another program. Stop it, or choose other ports: npm start -- --port ${this.#options.port + 100}`;
      throw new SharpEyesError('PORT_TAKEN', message, { context: { port } });
    }
  }

  /** Starts a process that is started again when it dies. */
  async #run(
    name: string,
    args: string[],
    env: Record<string, string> = {},
    onMessage?: (message: Record<string, unknown>) => void,
  ): Promise<Record<string, unknown>> {
    const program = new ChildProgram({ name, args, env, ...(onMessage === undefined ? {} : { onMessage }) });
    this.#programs.push(program);
    const ready = await program.start();
    this.#watch(program);
    return ready;
  }

  #watch(program: ChildProgram): void {
    program.onCrash((code, signal) => {
      this.#io.err(`${program.name} ended by itself (${signal ?? code}); it is started again.`);
      this.#restartLater(program);
    });
  }

  #restartLater(program: ChildProgram): void {
    setTimeout(() => {
      if (this.#stopping) return;
      program.start().then(
        () => this.#watch(program),
        (error: unknown) => {
          this.#io.err(messageOf(error));
          this.#restartLater(program);
        },
      );
    }, RESTART_MS);
  }

  /** Accounts of the demo's people; their passwords are generated once and kept for the next start. */
  async #people(): Promise<Login[]> {
    const { data } = this.#options;
    const file = join(data, 'demo-accounts.json');
    if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8')) as Login[];
    const logins = JSON.parse(await this.#ask(['hub', 'demo-accounts', '--data', join(data, 'hub')])) as Login[];
    await writeFileSafely(file, JSON.stringify(logins));
    return logins;
  }

  /** Runs a command of the program in a process of its own, so that this one stays small; gives its output. */
  async #ask(args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args], { timeout: 60_000 });
    return stdout;
  }

  async #startEdge(config: string): Promise<void> {
    const { data } = this.#options;
    const args = [MAIN, 'edge', '--config', config];
    if (existsSync(join(data, 'edge', 'identity'))) return void (await this.#run('edge', args));
    const joinPath = join(data, 'join.json');
    await this.#ask([
      'hub',
      'enrol',
      '--data',
      join(data, 'hub'),
      '--edge',
      EDGE_ID,
      '--name',
      EDGE_NAME,
      '--out',
      joinPath,
    ]);
    await this.#run('edge', [...args, '--join', joinPath]);
    await rm(joinPath, { force: true });
  }

  async #startTownship(url: string, script: Login): Promise<void> {
    const { data, firstPauseSeconds, h265 } = this.#options;
    const config: TownshipConfig = {
      dataFolder: join(data, 'township'),
      hubUrl: url,
      edgeId: EDGE_ID,
      account: script.account,
      password: script.password,
      receiver: { address: '127.0.0.1', port: this.#ports.dc09 },
      stationReceiver: { address: '127.0.0.1', port: this.#ports.hj212 },
      brokerUrl: `mqtt://127.0.0.1:${this.#ports.localBroker}`,
      day: true,
      h265,
      firstPauseMs: firstPauseSeconds * 1000,
    };
    const caFile = identityFiles(join(data, 'hub')).ca;
    const env = {
      SHARP_EYES_TOWNSHIP: JSON.stringify(config),
      ...(existsSync(caFile) ? { NODE_EXTRA_CA_CERTS: caFile } : {}),
    };
    await this.#run('township', [TOWNSHIP], env, (message) => this.#report(message));
  }

  #report(message: Record<string, unknown>): void {
    if (typeof message['registered'] === 'string') this.#io.out(`  registered ${message['registered']}`);
    else if (message['complete'] === true)
      this.#io.out('The township is complete; its day begins. Ctrl-C ends the demo.');
    else if (typeof message['failed'] === 'string') this.#io.err(`The township failed: ${message['failed']}`);
  }
}
