import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HubClient } from '../../demo/township/hub-client.ts';
import { freePorts } from './free-port.ts';
import { type Program, startProgram } from './program.ts';
import { InVain, waitFor } from './wait.ts';

/** The demo as `npm start` runs it, on free ports and a folder of its own. */
export interface RunningDemo {
  program: Program;
  url: string;
  port: number;
  folder: string;
  /** The generated first administrator. */
  admin: { account: string; password: string };
  password(account: string): string;
  /** Signed in at the REST API. */
  client(account: string): Promise<HubClient>;
  /** Resolves when the township's devices are registered. */
  complete(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the demo; resolves when it has printed its address. */
export async function startDemo(
  options: { firstPauseSeconds?: number; tls?: boolean; township?: boolean; direct?: boolean; h265?: boolean } = {},
): Promise<RunningDemo> {
  const { firstPauseSeconds = 5, tls = false, township = true, direct = false, h265 = false } = options;
  const folder = mkdtempSync(join(tmpdir(), 'sharp-eyes-demo-'));
  const port = await freePorts(7);
  const args = [
    'cli/main.ts',
    'demo',
    '--port',
    String(port),
    '--data',
    folder,
    '--first-pause',
    String(firstPauseSeconds),
  ];
  const more = [
    ...(tls ? ['--tls'] : []),
    ...(direct ? ['--direct'] : []),
    ...(h265 ? ['--h265'] : []),
    ...(township ? [] : ['--no-demo']),
  ];
  const program = startProgram([...args, ...more]);
  const says = (text: string): true | undefined => {
    if (program.ended) throw new InVain(`the demo ended: ${program.errors}`);
    return program.lines.some((line) => line.includes(text)) || undefined;
  };
  await waitFor('the demo to be ready', () => says('Ready.'), 90_000);
  const all = program.lines.join('\n');
  const url = /Sharp Eyes\s+(\S+)/.exec(all)?.[1] ?? '';
  const login = /^\s+(admin)\s+(\S+)$/m.exec(all);
  const password = (account: string): string => {
    const logins = JSON.parse(readFileSync(join(folder, 'demo-accounts.json'), 'utf8')) as {
      account: string;
      password: string;
    }[];
    return logins.find((entry) => entry.account === account)?.password ?? '';
  };
  return {
    program,
    url,
    port,
    folder,
    admin: { account: login?.[1] ?? '', password: login?.[2] ?? '' },
    password,
    client: async (account) => {
      const client = new HubClient(url);
      await client.signIn(account, password(account));
      return client;
    },
    complete: async () =>
      void (await waitFor('the township to be complete', () => says('township is complete'), 120_000)),
    stop: async () => {
      await program.stop('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
