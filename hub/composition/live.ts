import { resolve } from 'node:path';
import { brokerPassword } from '../broker/mosquitto-setup.ts';
import type { ViolationReports } from '../broker/violations.ts';
import type { Commands } from '../commands/commands.ts';
import { Live } from '../live/live.ts';
import type { MediaSource } from '../live/protocol.ts';
import type { HubContext } from './context.ts';
import type { HubCore } from './core.ts';

const MIB = 1024 ** 2;
const LIMITS = { viewerBufferBytes: 4 * MIB, gopBytes: 8 * MIB, stalledMs: 30_000, silentMs: 5000 };

async function mediaSource({ config, dataFolder }: HubContext, core: HubCore): Promise<MediaSource> {
  const { broker, listen, limits } = config;
  if (broker.kind === 'external') {
    const { mediaUrl, user, passwordFile } = broker;
    const password = await brokerPassword(passwordFile ?? resolve(dataFolder, 'broker-password'));
    return { kind: 'external', url: mediaUrl ?? '', user, password, caPem: core.caPem };
  }
  const { edges: connections, packetBytes } = limits;
  return { kind: 'embedded', host: listen.host, port: broker.mediaPort, connections, packetBytes };
}

/** Starts the media thread: the edges' broker for pictures and the viewers' WebSocket. Rejects with PORT_TAKEN. */
export async function startLive(
  context: HubContext,
  core: HubCore,
  { commands, reports }: { commands: Commands; reports: ViolationReports },
): Promise<void> {
  const { config, clock, log, modules, ports } = context;
  const { access, events, registry } = core;
  const live = new Live({
    thread: {
      source: await mediaSource(context, core),
      listen: { host: config.listen.host, port: config.listen.livePort },
      tls: core.tls,
      limits: { ...LIMITS, viewers: config.limits.viewers },
    },
    maxStreams: config.limits.liveStreams,
    orders: commands,
    ...{ events, clock, log },
    device: (deviceId) => registry.device(deviceId),
    isEdgeOnline: (edgeId) => registry.edges.state(edgeId)?.online ?? false,
    isAuthenticEdge: (edgeId, secret) => registry.edges.isAuthentic(edgeId, secret),
    session: async (sessionId) => {
      const session = await access.sessions.find(sessionId);
      return session === null || session.mustChangePassword ? null : session;
    },
    mayView: (session, regionId) => access.allows(session, 'live.view', { regionId }),
    onViolation: (violation) => reports.report('media', violation),
  });
  await modules.begin('live', live);
  context.count('live', () => live.counters());
  ports.live = live.livePort;
  ports.media = live.mediaPort;
}
