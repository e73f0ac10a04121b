import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Program } from '../program.ts';

/** How a direction of the line is. */
export interface LineOptions {
  bitsPerSecond: number;
  /** One way. */
  delayMs: number;
  /** Share of packets that get lost, each way. */
  loss: number;
  queuePackets: number;
  seed: number;
}

/** What one direction did since the start. */
export interface WayCounters {
  delivered: number;
  deliveredBytes: number;
  lost: number;
  queueDrops: number;
  queueDelayMs: { p50: number; p90: number; p99: number; max: number };
}

/** The line of a village: round trip 200 ms, 1 % loss each way, 4 Mbit/s, a queue of 100 packets. */
export const VILLAGE: LineOptions = { bitsPerSecond: 4_000_000, delayMs: 100, loss: 0.01, queuePackets: 100, seed: 1 };

/** How TCP is told to go about it. */
export type CongestionControl = 'bbr' | 'cubic' | 'reno';

const EMULATOR = join(import.meta.dirname, 'emulator.py');

/** Why no line can be made here; null when one can. */
export function whyNoLine(): string | null {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
  if (process.getuid?.() !== 0) return 'only root may make network namespaces';
  if (!existsSync('/dev/net/tun')) return 'this machine has no /dev/net/tun';
  for (const [program, ...args] of [
    ['ip', 'netns', 'list'],
    ['python3', '--version'],
  ]) {
    try {
      execFileSync(program ?? '', args, { stdio: 'ignore' });
    } catch {
      return `the program ${program} is missing, or may not do what it must`;
    }
  }
  return null;
}

/**
 * Two network namespaces, the township's and the centre's, and nothing but a thin line between them: no other network
 * and no way out. Their loopbacks work.
 */
export class TestLine {
  readonly township: string;
  readonly centre: string;
  /** Address of each end. */
  readonly addresses = { township: '10.99.0.1', centre: '10.99.0.2' };
  readonly #options: LineOptions;
  #child: ChildProcess | null = null;
  #emulator: Program | null = null;
  #asked = 0;

  constructor(options: Partial<LineOptions> = {}) {
    this.#options = { ...VILLAGE, ...options };
    const name = `thin-${process.pid}-${Math.random().toString(36).slice(2, 6)}`;
    this.township = `${name}-t`;
    this.centre = `${name}-c`;
  }

  /** @param congestion of every TCP connection inside, on both ends */
  async start(congestion: CongestionControl): Promise<void> {
    for (const namespace of [this.township, this.centre]) {
      ip('netns', 'add', namespace);
      ip('-n', namespace, 'link', 'set', 'lo', 'up');
    }
    const options = { ...this.#options, a: this.township, b: this.centre };
    const child = spawn('python3', [EMULATOR, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    this.#emulator = new Program(child, 'the emulator of the line');
    await this.#emulator.message('ready');
    for (const [namespace, own, other] of [
      [this.township, this.addresses.township, this.addresses.centre],
      [this.centre, this.addresses.centre, this.addresses.township],
    ] as const) {
      ip('-n', namespace, 'address', 'add', own, 'peer', other, 'dev', 'thin0');
      ip('-n', namespace, 'link', 'set', 'thin0', 'up');
      // By route and not by sysctl: a namespace may set only those that the machine allows to everybody.
      ip('-n', namespace, 'route', 'replace', other, 'dev', 'thin0', 'src', own, 'congctl', congestion);
    }
  }

  /** Runs a program inside a namespace to its end and gives what it printed. */
  exec(namespace: string, program: string, ...args: string[]): string {
    return execFileSync('ip', ['netns', 'exec', namespace, program, ...args], { encoding: 'utf8' });
  }

  /** Counters of both ways, up being from the township to the centre; `change` alters the line first. */
  async counters(change: Partial<LineOptions> = {}): Promise<{ up: WayCounters; down: WayCounters }> {
    const emulator = this.#emulator;
    if (emulator === null) throw new Error('the line was not started');
    this.#asked += 1;
    this.#child?.stdin?.write(`${JSON.stringify(change)}\n`);
    const answers = (): Record<string, unknown>[] => emulator.messages().filter((message) => 'up' in message);
    while (answers().length < this.#asked && !emulator.ended) await new Promise((resolve) => setTimeout(resolve, 5));
    return answers()[this.#asked - 1] as never;
  }

  /** Ends the line and removes both namespaces. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    for (const namespace of [this.township, this.centre]) {
      try {
        ip('netns', 'delete', namespace);
      } catch {
        // It was never made.
      }
    }
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
