import { resolve } from 'node:path';
import { EmbeddedBroker } from '../broker/embedded.ts';
import { ExternalLink } from '../broker/external.ts';
import type { EdgeLink } from '../broker/link.ts';
import { brokerPassword, reloadMosquitto, writeMosquittoSetup } from '../broker/mosquitto-setup.ts';
import type { ViolationReports } from '../broker/violations.ts';
import type { HubContext } from './context.ts';
import type { HubCore } from './core.ts';

/** The connection to the edges for events and orders. It is built here and started last. */
export async function buildLink(context: HubContext, core: HubCore, reports: ViolationReports): Promise<EdgeLink> {
  const isExternal = context.config.broker.kind === 'external';
  const link = isExternal ? await externalLink(context, core) : embeddedLink(context, core, reports);
  context.count('broker', () => link.counters());
  // Whoever still uses the credential that was replaced is not the edge that has just joined.
  core.events.on('edgeJoined', (edgeId) => link.disconnect(edgeId));
  return link;
}

function embeddedLink({ config, log }: HubContext, core: HubCore, reports: ViolationReports): EmbeddedBroker {
  const { listen, broker, limits } = config;
  return new EmbeddedBroker({
    lane: 'events',
    host: listen.host,
    port: broker.port,
    tls: core.tls,
    authenticate: (edgeId, secret) => core.registry.edges.isAuthentic(edgeId, secret),
    onViolation: (violation) => reports.report('events', violation),
    limits: { connections: limits.edges, packetBytes: limits.packetBytes },
    log,
  });
}

async function externalLink(context: HubContext, core: HubCore): Promise<ExternalLink> {
  const { config, dataFolder, log, modules } = context;
  const { url, user, passwordFile, files, pidFile, mediaPidFile } = config.broker;
  const password = await brokerPassword(passwordFile ?? resolve(dataFolder, 'broker-password'));
  if (files !== null) {
    const { caPem, tls } = core;
    const identity = caPem === null || tls === null ? null : { caPem, server: tls };
    let writing = Promise.resolve();
    const write = (): void => {
      writing = writing
        .then(() => writeMosquittoSetup(config, files, core.registry.edges.verifiers(), identity))
        .then(() => {
          for (const file of [pidFile, mediaPidFile]) if (file !== null) reloadMosquitto(file, log);
        })
        .catch((error: unknown) => log.error({ err: error, files }, "Mosquitto's files could not be written"));
    };
    write();
    const unlisten = core.events.on('edgeJoined', write);
    await modules.begin('Mosquitto files', {
      stop: () => {
        unlisten();
        return writing;
      },
    });
    await writing;
  }
  return new ExternalLink({ lane: 'events', url: url ?? '', user, password, caPem: core.caPem, log });
}
