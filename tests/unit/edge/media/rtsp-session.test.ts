import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_MEDIA_LIMITS } from '../../../../edge/media/limits.ts';
import { RtspSession, type SessionSinks } from '../../../../edge/media/rtsp-session.ts';
import type { TransportChoice } from '../../../../edge/media/track-links.ts';
import { systemClock } from '../../../../platform/clock.ts';
import { parseRtspUrl } from '../../../../protocols/rtsp/url.ts';
import { PPS, SPS_360P, slice } from '../../../support/h264.ts';
import { RecordingLog } from '../../../support/recording-log.ts';
import { type Script, ScriptedRtspServer } from '../../../support/scripted-rtsp-server.ts';
import { waitFor } from '../../../support/wait.ts';

const servers: ScriptedRtspServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function serve(script: Script): Promise<ScriptedRtspServer> {
  const server = new ScriptedRtspServer(script);
  await server.start();
  servers.push(server);
  return server;
}

function session(url: string, transport: TransportChoice, onPicture: () => void): RtspSession {
  const quiet = { onParameterSet: () => undefined, onAccessUnit: () => undefined };
  const sinks: SessionSinks = {
    video: { ...quiet, onAccessUnit: onPicture },
    audio: quiet,
    metadata: quiet,
    onSenderReport: () => undefined,
  };
  return new RtspSession({
    dial: { target: parseRtspUrl(url), credentials: null },
    trust: 'system',
    transport,
    videoOnly: false,
    clock: systemClock,
    log: new RecordingLog(),
    limits: { ...DEFAULT_MEDIA_LIMITS, responseTimeoutMs: 2_000 },
    onTracks: () => undefined,
    onPlaying: () => undefined,
    sinks,
  });
}

describe('RtspSession', () => {
  it('ends at once when it was ended before it began', async () => {
    const server = await serve({});
    await session(server.url, 'auto', () => undefined).run(AbortSignal.abort());
    expect(server.clients).toHaveLength(0);
  });

  it.each(['tcp', 'udp'] as const)('ends with what fails on a picture, over %s', async (transport) => {
    const onPlay: Script['onPlay'] = (client) => client.frame([SPS_360P, PPS, slice('idr')], 0);
    const server = await serve({ udp: transport === 'udp', onPlay });
    const failing = session(server.url, transport, () => {
      throw new Error('this picture cannot be used');
    });
    await expect(failing.run(new AbortController().signal)).rejects.toThrow('this picture cannot be used');
    await waitFor('no connection left', () => server.clients.every(({ socket }) => socket.closed));
    expect(server.methods().at(-1)).toBe('TEARDOWN');
  });

  it('ends with what fails behind a hole that is given up', async () => {
    const onPlay: Script['onPlay'] = (client) => {
      client.frame([SPS_360P, PPS, slice('idr')], 0);
      client.packetizer.packetize([slice('delta')], 3600);
      client.frame([SPS_360P, PPS, slice('idr')], 7200);
    };
    const server = await serve({ udp: true, onPlay });
    let pictures = 0;
    const failing = session(server.url, 'udp', () => {
      pictures += 1;
      if (pictures === 2) throw new Error('this picture cannot be used');
    });
    await expect(failing.run(new AbortController().signal)).rejects.toThrow('this picture cannot be used');
  });
});
