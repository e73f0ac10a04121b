import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { EDGE_FLAGS, NODE_FLAGS } from '../../platform/node-flags.ts';
import { CannotRun } from '../figure.ts';

const HERE = import.meta.dirname;

/** A process of ours that is measured or serves a measurement. */
export interface BenchProcess {
  pid: number;
  /** The next line it prints. */
  line(): Promise<string>;
  /** Writes a line to its standard input. */
  tell(text: string): void;
  stop(): Promise<void>;
}

/** Starts `bench/support/<script>` in a process of its own, with Node as the hub is started, or as the edge is. */
export function startScript(script: string, args: readonly string[] = [], as: 'hub' | 'edge' = 'hub'): BenchProcess {
  const flags = as === 'edge' ? [...NODE_FLAGS, ...EDGE_FLAGS] : NODE_FLAGS;
  return start(process.execPath, [...flags, join(HERE, script), ...args]);
}

/** Starts a program; its errors go to ours. */
export function start(program: string, args: readonly string[]): BenchProcess {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    line: async () => {
      const next = await lines.next();
      if (next.done === true) throw new Error(`${program} ${args[0] ?? ''} ended early`);
      return next.value;
    },
    tell: (text) => void child.stdin.write(`${text}\n`),
    stop: () => stopped(child),
  };
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

/**
 * CPU time of a process with all its threads since its start, in milliseconds, to the nanosecond as Linux counts it.
 * @throws CannotRun where the system does not tell
 */
export function cpuMs(pid: number): number {
  try {
    const tasks = `/proc/${pid}/task`;
    const spent = readdirSync(tasks).map((task) => readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]);
    return spent.reduce((sum, nanoseconds) => sum + Number(nanoseconds) / 1e6, 0);
  } catch (cause) {
    throw new CannotRun('CPU time is read from /proc/<pid>/task/*/schedstat, which this system does not have', {
      cause,
    });
  }
}

/** Resident memory of a process in megabytes of 10^6 bytes. */
export function rssMb(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kilobytes) * 1024) / 1e6;
}

/** Version of ffmpeg. @throws CannotRun when there is none */
export async function ffmpegVersion(): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('ffmpeg', ['-version']);
    return `ffmpeg ${/version (\d+(?:\.\d+)*)/.exec(stdout)?.[1] ?? 'unknown'}`;
  } catch (cause) {
    throw new CannotRun('ffmpeg is missing: install it (Debian: apt install ffmpeg) or put it on the PATH', { cause });
  }
}

/** Resolves after so many milliseconds. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
