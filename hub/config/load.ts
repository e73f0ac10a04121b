import { Clone, Default } from 'typebox/value';
import { SharpEyesError } from '../../contract/errors.ts';
import { loadConfig } from '../../platform/config/load.ts';
import { isLoopback, namesOfMachine } from '../identity/identity.ts';
import { HubConfig } from './schema.ts';

/** What the command line may set without a file. */
export interface HubOverrides {
  data?: string | undefined;
  host?: string | undefined;
  port?: number | undefined;
  livePort?: number | undefined;
  mqttPort?: number | undefined;
  mediaPort?: number | undefined;
  tls?: HubConfig['tls'] | undefined;
  names?: string[] | undefined;
  demo?: boolean | undefined;
}

/**
 * The configuration from a file (null: defaults), with what the command line says on top.
 * @throws SharpEyesError `CONFIG_MISSING` or `CONFIG_INVALID`
 */
export function loadHubConfig(file: string | null, overrides: HubOverrides = {}): HubConfig {
  const read = file === null ? (Default(HubConfig, Clone({})) as HubConfig) : loadConfig(file, HubConfig);
  const { data, host, port, livePort, mqttPort, mediaPort, tls, names, demo } = overrides;
  const config: HubConfig = {
    ...read,
    data: data ?? read.data,
    tls: tls ?? read.tls,
    names: names ?? read.names,
    demo: demo ?? read.demo,
    listen: {
      host: host ?? read.listen.host,
      port: port ?? read.listen.port,
      livePort: livePort ?? read.listen.livePort,
    },
    broker: { ...read.broker, port: mqttPort ?? read.broker.port, mediaPort: mediaPort ?? read.broker.mediaPort },
  };
  checkTogether(config);
  return config;
}

/** Whether the hub speaks TLS. */
export function usesTls(config: HubConfig): boolean {
  return config.tls === 'always' || (config.tls === 'auto' && !isLoopback(config.listen.host));
}

/** Names and addresses that the server certificate covers. */
export function certificateNames({ names, listen }: HubConfig): string[] {
  return names.length > 0 ? ['localhost', '127.0.0.1', ...names] : namesOfMachine(listen.host);
}

function checkTogether(config: HubConfig): void {
  const { broker, listen, tls, republish } = config;
  if (tls === 'never' && !isLoopback(listen.host)) {
    throw new SharpEyesError('CONFIG_INVALID', `tls: never is only allowed on loopback, not on ${listen.host}`);
  }
  const readersFrom = republish.host ?? listen.host;
  if (republish.enabled && !republish.plain && !isLoopback(readersFrom) && !usesTls(config)) {
    const message = `republish: on ${readersFrom} pictures would go in the clear; turn tls on, or say republish.plain: true`;
    throw new SharpEyesError('CONFIG_INVALID', message);
  }
  if (broker.kind === 'embedded') return;
  for (const name of ['url', 'mediaUrl', 'passwordFile'] as const) {
    if (broker[name] !== null) continue;
    throw new SharpEyesError('CONFIG_INVALID', `broker.kind is external, so broker.${name} has to be given`);
  }
}
