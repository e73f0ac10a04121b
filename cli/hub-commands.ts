import { writeFile } from 'node:fs/promises';
import type { Role } from '../contract/access.ts';
import { SharpEyesError } from '../contract/errors.ts';
import { loadHubConfig } from '../hub/config/load.ts';
import { createAccountOffline, enrolOffline, mosquittoFilesOffline, resetPasswordOffline } from '../hub/offline.ts';
import type { CommandOutput } from './verify.ts';

interface HubFlags {
  config?: string;
  data?: string;
}

function dataFolder(flags: HubFlags): string {
  return loadHubConfig(flags.config ?? null, { data: flags.data }).data;
}

/** `sharp-eyes hub enrol` */
export async function runEnrol(
  flags: HubFlags & { edge: string; name: string; region?: string; out?: string },
  io: CommandOutput,
): Promise<void> {
  const { edge: edgeId, name, region, out } = flags;
  const { joinFile, expiresAtMs } = await enrolOffline(dataFolder(flags), { edgeId, name, regionId: region ?? null });
  if (out === undefined) return io.out(joinFile);
  await writeFile(out, joinFile, { mode: 0o600 });
  io.out(`Join file for ${edgeId} written to ${out}; it works once, until ${new Date(expiresAtMs).toISOString()}.`);
}

/** `sharp-eyes hub reset-password` */
export async function runResetPassword(account: string, flags: HubFlags, io: CommandOutput): Promise<void> {
  io.out(await resetPasswordOffline(dataFolder(flags), account));
}

/** `sharp-eyes hub mosquitto-files` */
export async function runMosquittoFiles(flags: HubFlags & { out: string }, io: CommandOutput): Promise<void> {
  const config = loadHubConfig(flags.config ?? null, { data: flags.data });
  await mosquittoFilesOffline(config, flags.out);
  io.out(`Mosquitto's files written to ${flags.out}.`);
}

const PEOPLE: readonly { account: string; displayName: string; role: Role }[] = [
  { account: 'operator', displayName: '值班员 Operator', role: 'operator' },
  { account: 'officer', displayName: '民警 Officer', role: 'officer' },
  { account: 'technician', displayName: '技术员 Technician', role: 'technician' },
  { account: 'demo-script', displayName: 'Demo script', role: 'administrator' },
];

/** `sharp-eyes hub demo-accounts`: the accounts of the demo's people with generated passwords, as JSON. */
export async function runDemoAccounts(flags: HubFlags, io: CommandOutput): Promise<void> {
  const folder = dataFolder(flags);
  const logins: { account: string; password: string }[] = [];
  for (const person of PEOPLE) {
    logins.push({ account: person.account, password: await newPassword(folder, person) });
  }
  io.out(JSON.stringify(logins));
}

async function newPassword(folder: string, person: (typeof PEOPLE)[number]): Promise<string> {
  try {
    return await createAccountOffline(folder, { ...person, areas: [] });
  } catch (error) {
    if (!(error instanceof SharpEyesError && error.code === 'CONFLICT')) throw error;
    return resetPasswordOffline(folder, person.account);
  }
}
