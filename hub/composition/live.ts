import { resolve } from 'node:path';
import type { Session } from '../access/session.ts';
import { brokerPassword } from '../broker/mosquitto-setup.ts';
import type { ViolationReports } from '../broker/violations.ts';
import type { Commands } from '../commands/commands.ts';
import { DirectViewers } from '../direct/direct-viewers.ts';
import { Live } from '../live/live.ts';
import type { MediaSource } from '../live/protocol.ts';
import { Ptz } from '../ptz/ptz.ts';
import type { RepublishData } from '../republish/protocol.ts';
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

function republishData({ republish, listen }: HubContext['config']): RepublishData | null {
  if (!republish.enabled) return null;
  const { host, port, udp, udpPort, plain, maxReaders } = republish;
  return { host: host ?? listen.host, port, udpPort: udp ? udpPort : null, plain, maxReaders };
}

/**
 * Starts the media thread: the edges' broker for pictures and the viewers' WebSocket; beside it, the viewers that take
 * pictures straight from the edges. Rejects with PORT_TAKEN.
 */
export async function startLive(
  context: HubContext,
  core: HubCore,
  { commands, reports }: { commands: Commands; reports: ViolationReports },
): Promise<{ direct: DirectViewers; ptz: Ptz }> {
  const { config, clock, log, modules, ports } = context;
  const { access, events, registry } = core;
  const session = async (sessionId: string): Promise<Session | null> => {
    const found = await access.sessions.find(sessionId);
    return found === null || found.mustChangePassword ? null : found;
  };
  const mayView = (viewer: Session, regionId: string | null): boolean =>
    access.allows(viewer, 'live.view', { regionId });
  const device = (deviceId: string) => registry.device(deviceId);
  const live = new Live({
    thread: {
      source: await mediaSource(context, core),
      listen: { host: config.listen.host, port: config.listen.livePort },
      tls: core.tls,
      limits: { ...LIMITS, viewers: config.limits.viewers, mpeg1Streams: config.limits.mpeg1Streams },
      republish: republishData(config),
    },
    maxStreams: config.limits.liveStreams,
    viewersPerAccount: config.limits.viewersPerAccount,
    orders: commands,
    ...{ events, clock, log },
    device,
    isEdgeOnline: (edgeId) => registry.edges.state(edgeId)?.online ?? false,
    isAuthenticEdge: (edgeId, secret) => registry.edges.isAuthentic(edgeId, secret),
    session,
    mayView,
    mayTalk: (person, regionId) => access.allows(person, 'talk', { regionId }),
    audit: core.audit,
    readers: config.republish.enabled ? core.readers : null,
    onViolation: (violation) => reports.report('media', violation),
  });
  await modules.begin('live', live);
  context.count('live', () => live.counters());
  ports.live = live.livePort;
  ports.media = live.mediaPort;
  ports.rtsp = live.rtspPort;
  const direct = new DirectViewers({ orders: commands, device, session, mayView, clock, log });
  await modules.begin('direct viewers', direct);
  context.count('direct', () => ({ viewers: direct.count }));
  const mayTurn = (person: Session, regionId: string | null): boolean => access.allows(person, 'ptz', { regionId });
  const ptz = new Ptz({ orders: commands, audit: core.audit, events, device, mayTurn, session, clock, log });
  await modules.begin('ptz', ptz);
  return { direct, ptz };
}
