import { parseArgs } from 'node:util';
import { messageOf, SharpEyesError } from '../contract/errors.ts';
import { systemClock } from '../platform/clock.ts';
import { createLog } from '../platform/log.ts';
import { type EdgeArguments, edgeConfig } from './config/load.ts';
import type { EdgeConfig } from './config/schema.ts';
import { Edge } from './edge.ts';

/** How long a stop may take before the process ends all the same. */
const STOP_TIMEOUT_MS = 15_000;

/**
 * Runs an edge until SIGINT or SIGTERM; a second signal ends it at once. Prints one line of JSON on standard output when
 * it works, and sends the same to a parent process that listens.
 * @returns the exit code
 */
export async function runEdge(config: EdgeConfig, joinFile: string | null): Promise<number> {
  const log = createLog('edge');
  const edge = new Edge({ config, joinFile, clock: systemClock, log });
  const signalled = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
  });
  const ready = { ready: 'edge', ...(await edge.start()) };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  process.send?.(ready);
  const signal = await signalled;
  log.info({ signal }, 'the edge stops');
  const endNow = (): never => process.exit(1);
  process.once('SIGINT', endNow);
  process.once('SIGTERM', endNow);
  setTimeout(() => {
    log.error({}, 'the edge did not stop in time; it ends all the same');
    endNow();
  }, STOP_TIMEOUT_MS).unref();
  await edge.stop();
  process.off('SIGINT', endNow);
  process.off('SIGTERM', endNow);
  return 0;
}

/** Runs an edge as the command line says; sets the exit code of the process. */
export async function runEdgeProgram(options: EdgeArguments): Promise<void> {
  process.exitCode = await runEdge(edgeConfig(options), options.joinFile);
}

function argumentsOf(argv: readonly string[]): EdgeArguments {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({ args: [...argv], options: { config: text, join: text, data: text } });
    return { configFile: values.config ?? null, joinFile: values.join ?? null, dataFolder: values.data ?? null };
  } catch (cause) {
    throw new SharpEyesError('CONFIG_INVALID', messageOf(cause), { cause });
  }
}

if (import.meta.main) {
  try {
    await runEdgeProgram(argumentsOf(process.argv.slice(2)));
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}
