import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { SharpEyesError } from '../contract/errors.ts';
import { writeFileSafely } from '../platform/files.ts';
import { usesTls } from './config/load.ts';
import type { HubConfig } from './config/schema.ts';
import { namesOfMachine } from './identity/identity.ts';
import type { HubAddresses } from './registry/join-token.ts';

const AddressFile = Type.Object({
  hubUrl: Type.String(),
  mqttUrl: Type.String(),
  mediaUrl: Type.String(),
  caPem: Type.Union([Type.String(), Type.Null()]),
});

/** Where people and edges find a hub that has taken these ports. */
export function hubAddresses(
  config: HubConfig,
  ports: { web: number; mqtt: number; media: number },
  caPem: string | null,
): HubAddresses {
  const { listen, names, broker } = config;
  const isAny = listen.host === '0.0.0.0' || listen.host === '::';
  const name = names[0] ?? (isAny ? (namesOfMachine(listen.host).at(-1) ?? 'localhost') : listen.host);
  const host = name.includes(':') ? `[${name}]` : name;
  const secure = usesTls(config) ? 's' : '';
  const { url, mediaUrl, publicUrl, publicMediaUrl } = broker;
  const external =
    broker.kind === 'external' ? { mqttUrl: publicUrl ?? url ?? '', mediaUrl: publicMediaUrl ?? mediaUrl ?? '' } : null;
  return {
    hubUrl: `http${secure}://${host}:${ports.web}`,
    mqttUrl: external?.mqttUrl ?? `mqtt${secure}://${host}:${ports.mqtt}`,
    mediaUrl: external?.mediaUrl ?? `mqtt${secure}://${host}:${ports.media}`,
    caPem,
  };
}

function pathOf(dataFolder: string): string {
  return join(dataFolder, 'addresses.json');
}

/** Notes where edges find the running hub, so that join files can be made without it. */
export async function writeAddressFile(dataFolder: string, addresses: HubAddresses): Promise<void> {
  await writeFileSafely(pathOf(dataFolder), `${JSON.stringify(addresses, null, 2)}\n`);
}

/** @throws SharpEyesError `CONFIG_MISSING` when no hub has run on this data folder yet */
export function readAddressFile(dataFolder: string): HubAddresses {
  const file = pathOf(dataFolder);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const message = `no hub has run with the data folder ${dataFolder} yet: start it once, then enrol edges`;
    throw new SharpEyesError('CONFIG_MISSING', message, { context: { file }, cause });
  }
  if (Check(AddressFile, value)) return value satisfies Static<typeof AddressFile>;
  throw new SharpEyesError('CONFIG_INVALID', `${file} is damaged: start the hub again, which writes it anew`);
}
