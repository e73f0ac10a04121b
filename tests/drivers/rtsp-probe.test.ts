import { afterEach, describe, expect, test } from 'vitest';
import { probeRtsp, type RtspProbeOptions } from '../../edge/drivers/rtsp/probe.ts';
import { systemClock } from '../../platform/clock.ts';
import { silentLog } from '../../platform/log.ts';
import { PPS, SPS_360P, slice } from '../support/h264.ts';
import { type Script, ScriptedRtspServer } from '../support/scripted-rtsp-server.ts';

const servers: ScriptedRtspServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function serve(script: Script): Promise<ScriptedRtspServer> {
  const server = new ScriptedRtspServer({
    onPlay: (client) => {
      client.frame([SPS_360P, PPS, slice('idr')], 0);
      client.frame([slice('delta')], 3600);
    },
    ...script,
  });
  servers.push(server);
  await server.start();
  return server;
}

function probe(url: string, over: Partial<RtspProbeOptions> = {}): ReturnType<typeof probeRtsp> {
  const common = { credentials: null, isAllowed: (host: string) => host === '127.0.0.1', clock: systemClock };
  return probeRtsp({ url, ...common, log: silentLog, timeoutMs: 5_000, ...over });
}

const auth = { algorithm: 'MD5', qop: true, user: 'admin', password: 'secret' } as const;

describe('probing an RTSP address', () => {
  test('plays until the first picture and hangs up', async () => {
    const server = await serve({ auth });
    const result = await probe(server.url, { credentials: { username: 'admin', password: 'secret' } });
    expect(result).toMatchObject({
      ok: true,
      reason: 'ok',
      type: 'camera',
      streams: [{ name: 'main', width: 640, height: 360 }],
    });
    expect(result.message).not.toContain('secret');
    expect(server.clients).toHaveLength(1);
  });

  test('a wrong password is one attempt', async () => {
    const server = await serve({ auth });
    const result = await probe(server.url, { credentials: { username: 'admin', password: 'wrong' } });
    expect(result).toMatchObject({ ok: false, reason: 'refused-credentials', streams: [] });
    expect(server.clients).toHaveLength(1);
  });

  test('no picture, nobody there, not allowed, no address', async () => {
    const server = await serve({ onPlay: () => undefined });
    expect(await probe(server.url, { timeoutMs: 300 })).toMatchObject({ ok: false, reason: 'no-answer' });
    const gone = await serve({});
    const { url } = gone;
    await gone.stop();
    expect(await probe(url)).toMatchObject({ ok: false, reason: 'unreachable' });
    expect(await probe('rtsp://192.0.2.1/live')).toMatchObject({ ok: false, reason: 'address-not-allowed' });
    expect(await probe('nonsense')).toMatchObject({ ok: false, streams: [] });
  });
});
