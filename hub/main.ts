import { parseArgs } from 'node:util';
import { messageOf, SharpEyesError } from '../contract/errors.ts';
import { systemClock } from '../platform/clock.ts';
import { createLog } from '../platform/log.ts';
import { type HubOverrides, loadHubConfig } from './config/load.ts';
import type { HubConfig } from './config/schema.ts';
import { Hub } from './hub.ts';

/** How long a stop may take before the process ends all the same. */
const STOP_TIMEOUT_MS = 15_000;

/**
 * Runs a hub until SIGINT or SIGTERM. Prints one line of JSON on standard output when it works: addresses, and at the
 * very first start the first account with its password, which is never shown again.
 * @returns the exit code
 */
export async function runHub(config: HubConfig): Promise<number> {
  const log = createLog('hub');
  const hub = new Hub(config, { clock: systemClock, log });
  // Two signals must not stop twice, and one during the start is not lost.
  const signalled = new Promise<NodeJS.Signals>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  const ready = await hub.start();
  process.stdout.write(`${JSON.stringify({ ready: 'hub', ...ready })}\n`);
  const signal = await signalled;
  log.info({ signal }, 'the hub stops');
  setTimeout(() => {
    log.error({}, 'the hub did not stop in time; it ends all the same');
    process.exit(1);
  }, STOP_TIMEOUT_MS).unref();
  await hub.stop();
  return 0;
}

function port(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d{1,5}$/.test(text) && value <= 65_535) return value;
  throw new SharpEyesError('CONFIG_INVALID', `--${name} ${text}: a port is a number from 0 (any free one) to 65535`);
}

function tlsMode(text: string | undefined): HubConfig['tls'] | undefined {
  if (text === undefined || text === 'auto' || text === 'always' || text === 'never') return text;
  throw new SharpEyesError('CONFIG_INVALID', `--tls ${text}: allowed are auto, always and never`);
}

/** Reads the hub's arguments. @throws SharpEyesError `CONFIG_INVALID`, `CONFIG_MISSING` */
export function hubConfigFromArguments(argv: readonly string[]): HubConfig {
  const text = { type: 'string' } as const;
  let values: Record<string, string | boolean | undefined>;
  try {
    const options = {
      config: text,
      data: text,
      host: text,
      port: text,
      'live-port': text,
      'mqtt-port': text,
      'media-port': text,
      names: text,
      tls: text,
      demo: { type: 'boolean' },
    } as const;
    values = parseArgs({ args: [...argv], options }).values;
  } catch (cause) {
    throw new SharpEyesError('CONFIG_INVALID', messageOf(cause), { cause });
  }
  const of = (name: string): string | undefined => (typeof values[name] === 'string' ? values[name] : undefined);
  const overrides: HubOverrides = {
    data: of('data'),
    host: of('host'),
    port: port(of('port'), 'port'),
    livePort: port(of('live-port'), 'live-port'),
    mqttPort: port(of('mqtt-port'), 'mqtt-port'),
    mediaPort: port(of('media-port'), 'media-port'),
    names: of('names')?.split(','),
    tls: tlsMode(of('tls')),
    demo: values['demo'] === true ? true : undefined,
  };
  return loadHubConfig(of('config') ?? null, overrides);
}

/** Runs a hub from a configuration file and what the command line says on top; sets the exit code of the process. */
export async function runHubProgram(options: { configFile: string | null; overrides?: HubOverrides }): Promise<void> {
  process.exitCode = await runHub(loadHubConfig(options.configFile, options.overrides));
}

if (import.meta.main) {
  try {
    process.exitCode = await runHub(hubConfigFromArguments(process.argv.slice(2)));
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}
