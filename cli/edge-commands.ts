import { resolve } from 'node:path';
import { edgeConfig } from '../edge/config/load.ts';
import { Readers } from '../edge/republish/readers.ts';
import type { CommandOutput } from './verify.ts';

interface EdgeFlags {
  config?: string;
  data?: string;
  device?: string[];
}

function settings(flags: EdgeFlags) {
  return edgeConfig({ configFile: flags.config ?? null, joinFile: null, dataFolder: flags.data ?? null });
}

function readersOf(flags: EdgeFlags): Readers {
  return new Readers(resolve(settings(flags).data));
}

/** `edge reader add`: makes an account for a program that reads streams over RTSP and shows its password once. */
export async function runReaderAdd(name: string, flags: EdgeFlags, { out, err }: CommandOutput): Promise<void> {
  const devices = flags.device ?? null;
  const password = await readersOf(flags).add(name, devices, Date.now());
  out(password);
  err(`This is the password of ${name}; it is not shown again.`);
  const { enabled, port } = settings(flags).republish;
  err(`Address: rtsp://${name}@<this edge>:${port}/${devices?.[0] ?? '<device>'}/main`);
  if (!enabled)
    err('Re-publishing is off: set `republish: { enabled: true }` in the configuration and start the edge anew.');
}

/** `edge reader list`: one line for each account. */
export async function runReaderList(flags: EdgeFlags, { out }: CommandOutput): Promise<void> {
  for (const { name, devices, createdAtMs } of await readersOf(flags).list()) {
    out([name, devices?.join(',') ?? '(every device)', new Date(createdAtMs).toISOString()].join('\t'));
  }
}

/** `edge reader remove`: a running edge cuts it off within seconds. */
export async function runReaderRemove(name: string, flags: EdgeFlags, { err }: CommandOutput): Promise<void> {
  await readersOf(flags).remove(name);
  err(`${name} may not read any more.`);
}
