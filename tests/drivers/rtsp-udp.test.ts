import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { MediaLimits } from '../../edge/media/limits.ts';
import { MediaStream, type StreamSource } from '../../edge/media/stream.ts';
import { systemClock } from '../../platform/clock.ts';
import { buildGoodbye, buildSenderReport } from '../../protocols/rtp/rtcp.ts';
import { header } from '../../protocols/rtsp/message.ts';
import { PPS, SPS_360P, slice } from '../support/h264.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { type Script, type ScriptedClient, ScriptedRtspServer } from '../support/scripted-rtsp-server.ts';
import { StreamRecorder } from '../support/stream-recorder.ts';
import { waitFor } from '../support/wait.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(script: Script): Promise<ScriptedRtspServer> {
  const server = new ScriptedRtspServer({ udp: true, ...script });
  await server.start();
  cleanups.push(() => server.stop());
  return server;
}

function pull(url: string, source: Partial<StreamSource> = {}, limits: Partial<MediaLimits> = {}) {
  const quick = { responseTimeoutMs: 1_000, silenceMs: 1_500, backoff: { firstMs: 30, maxMs: 60 }, ...limits };
  const stream = new MediaStream({ clock: systemClock, log: new RecordingLog(), url, ...source, limits: quick });
  const recorder = new StreamRecorder();
  stream.subscribe(recorder);
  stream.start();
  cleanups.push(() => stream.stop());
  return { stream, recorder };
}

const key = (client: ScriptedClient, timestamp: number): Uint8Array[] =>
  client.packetizer.packetize([SPS_360P, PPS, slice('idr', 3000)], timestamp);
const delta = (client: ScriptedClient, timestamp: number): Uint8Array[] =>
  client.packetizer.packetize([slice('delta', 3000)], timestamp);

describe('RTP over UDP', () => {
  it('is used where the device refuses interleaved frames, and opens the way for its packets', async () => {
    const server = await serve({ onPlay: (client) => client.frame([SPS_360P, PPS, slice('idr')], 0) });
    const { recorder, stream } = pull(server.url);
    await waitFor('a picture', () => recorder.fragments.length > 0);
    const client = server.clients[0];
    const transports = client?.requests.filter(({ method }) => method === 'SETUP').map((r) => header(r, 'transport'));
    expect(transports?.[0]).toContain('interleaved=0-1');
    expect(transports?.[1]).toMatch(/^RTP\/AVP;unicast;client_port=\d+-\d+$/);
    expect((client?.udp?.clientPort ?? 1) % 2).toBe(0);
    await waitFor('a packet of ours', () => (client?.udp?.rtp.length ?? 0) > 0);
    expect(stream.stats()).toMatchObject({ state: 'live', transport: 'udp' });
    expect(stream.stats().bytesTotal).toBeGreaterThan(200);
  });

  it('is asked for at once where it is chosen, and never where TCP is', async () => {
    const server = await serve({ onPlay: (client) => client.frame([SPS_360P, PPS, slice('idr')], 0) });
    const chosen = pull(server.url, { transport: 'udp' });
    await waitFor('a picture', () => chosen.recorder.fragments.length > 0);
    expect(server.methods().filter((method) => method === 'SETUP')).toHaveLength(1);
    const refused = pull(server.url, { transport: 'tcp' });
    await waitFor('the refusal', () => refused.recorder.states.includes('failed refused'));
    expect(server.clients.at(-1)?.udp).toBeNull();
  });

  it('puts packets back in order, leaves repeated ones out, and counts those that never came', async () => {
    const server = await serve({
      onPlay: (client) => {
        const sent = [...key(client, 0), ...delta(client, 3600), ...delta(client, 7200)];
        const [a, b, c, ...rest] = sent;
        for (const packet of [a, c, b, b, ...rest.reverse()]) if (packet !== undefined) client.udp?.send(packet);
        const lost = delta(client, 10_800).slice(1);
        for (const packet of [...lost, ...delta(client, 14_400), ...key(client, 18_000)]) client.udp?.send(packet);
      },
    });
    const { recorder, stream } = pull(server.url);
    await waitFor('four pictures', () => recorder.fragments.length === 4);
    expect(recorder.presented90k()).toEqual([0, 3600, 7200, 18_000]);
    expect(stream.stats()).toMatchObject({ packetsLost: 1, framesDropped: 2 });
  });

  it('takes packets from the device alone', async () => {
    const server = await serve({});
    const { recorder } = pull(server.url);
    const client = await waitFor('PLAY', () =>
      server.clients.find(({ requests }) => requests.at(-1)?.method === 'PLAY'),
    );
    const stranger = createSocket('udp4');
    cleanups.push(async () => stranger.close());
    stranger.bind(0, '127.0.1.9');
    await once(stranger, 'listening');
    const port = client.udp?.clientPort ?? 0;
    for (const packet of key(client, 0)) await send(stranger, packet, port);
    client.frame([SPS_360P, PPS, slice('idr', 100)], 90_000);
    await waitFor('a picture', () => recorder.fragments.length > 0);
    expect(recorder.fragments).toHaveLength(1);
    expect(recorder.fragments[0]?.bytes.length).toBeLessThan(500);
  });

  it('reports by UDP and hears the goodbye', async () => {
    const server = await serve({
      onPlay: (client) => {
        client.frame([SPS_360P, PPS, slice('idr')], 0);
        client.udp?.sendRtcp(
          buildSenderReport({ ssrc: 0x1234, unixMs: 1e12, rtpTimestamp: 0, packets: 1, octets: 1 }, 'x'),
        );
      },
    });
    const { recorder } = pull(server.url, {}, { reportPeriodMs: 300, silenceMs: 20_000 });
    const client = await waitFor('a client', () => server.clients[0]);
    const report = await waitFor('a report', () => client.udp?.rtcp[0]);
    expect([report[1], report.readUInt32BE(8)]).toEqual([201, 0x1234]);
    expect(report.readUInt32BE(24)).not.toBe(0);
    // A source description with our name stands behind it.
    expect(report[33]).toBe(202);
    client.udp?.sendRtcp(buildGoodbye(0x1234));
    await waitFor('the end', () => recorder.states.includes('failed ended'));
  });

  it('that falls silent is noticed although the connection stands', async () => {
    const server = await serve({ onPlay: (client) => client.frame([SPS_360P, PPS, slice('idr')], 0) });
    const { recorder } = pull(server.url);
    await waitFor('the silence', () => recorder.states.includes('failed silent'));
    expect(recorder.states.slice(0, 3)).toEqual(['stopped stopped', 'connecting ok', 'live ok']);
  });
});

function send(socket: ReturnType<typeof createSocket>, packet: Uint8Array, port: number): Promise<void> {
  return new Promise((resolve) => socket.send(packet, port, '127.0.0.1', () => resolve()));
}
