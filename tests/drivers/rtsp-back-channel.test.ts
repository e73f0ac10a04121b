import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { BackChannel, type BackChannelOptions } from '../../edge/media/back-channel.ts';
import { systemClock } from '../../platform/clock.ts';
import { muLawToALaw } from '../../protocols/g711/companding.ts';
import { buildRequest } from '../../protocols/rtsp/build.ts';
import { header } from '../../protocols/rtsp/message.ts';
import { hasGstRtspServer, startGstRtspServer } from '../support/gst-rtsp-server.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { reply, type Script, ScriptedRtspServer } from '../support/scripted-rtsp-server.ts';
import { waitFor } from '../support/wait.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const REQUIRE = 'www.onvif.org/ver20/backchannel';
const sdp = (...audio: string[]): string =>
  ['v=0', 's=x', 'a=control:*', 'm=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/90000', 'a=control:v', ...audio, ''].join(
    '\r\n',
  );
const section = (payload: string, control: string, direction: string): string[] => [
  `m=audio 0 RTP/AVP ${payload}`,
  `a=control:${control}`,
  `a=${direction}`,
];
const TALK = sdp(...section('0', 'a', 'recvonly'), ...section('8 0', 'talk', 'sendonly'));

async function serve(script: Script): Promise<ScriptedRtspServer> {
  const server = new ScriptedRtspServer({ sdp: TALK, ...script });
  await server.start();
  cleanups.push(() => server.stop());
  return server;
}

function channel(url: string, over: Partial<BackChannelOptions> = {}): BackChannel {
  const made = new BackChannel({
    url,
    credentials: null,
    trust: 'system',
    clock: systemClock,
    log: new RecordingLog(),
    limits: { responseTimeoutMs: 2_000, reportPeriodMs: 300 },
    ...over,
  });
  cleanups.push(() => made.close());
  return made;
}

/** A second of every µ-law code. */
const SECOND = Uint8Array.from({ length: 8000 }, (_, i) => i & 0xff);

describe('the back channel', () => {
  it('sets up the track towards the device alone and sends packets of 20 ms', async () => {
    const server = await serve({ auth: { algorithm: 'MD5', qop: true, user: 'u', password: 'p' } });
    const talk = channel(server.url, { credentials: { username: 'u', password: 'p' } });
    talk.send(SECOND);
    expect(await talk.open()).toEqual({ codec: 'pcmu' });
    for (let at = 0; at < SECOND.length; at += 1000) talk.send(SECOND.subarray(at, at + 1000));
    const client = await waitFor('a client', () => server.clients[0]);
    const sound = await waitFor('fifty packets', () => {
      const frames = client.frames.filter(({ channel: on }) => on === 0);
      return frames.length >= 50 ? frames : null;
    });
    expect(sound).toHaveLength(50);
    expect(Buffer.concat(sound.map(({ bytes }) => bytes.subarray(12))).equals(SECOND)).toBe(true);
    const number = (at: number, length: number) => sound.map(({ bytes }) => bytes.readUIntBE(at, length));
    const [firstSequence = 0] = number(2, 2);
    const [firstTimestamp = 0] = number(4, 4);
    expect(number(2, 2)).toEqual(sound.map((_, i) => (firstSequence + i) & 0xffff));
    expect(number(4, 4)).toEqual(sound.map((_, i) => (firstTimestamp + i * 160) >>> 0));
    expect(number(1, 1)).toEqual(sound.map((_, i) => (i === 0 ? 0x80 : 0)));
    await waitFor('a sender report', () =>
      client.frames.some(({ channel: on, bytes }) => on === 1 && bytes[1] === 200),
    );
    await talk.close();
    await talk.close();
    const asked = client.requests.filter(({ method }) => ['DESCRIBE', 'SETUP', 'PLAY'].includes(method));
    expect(asked.every((request) => header(request, 'require') === REQUIRE)).toBe(true);
    expect(asked.filter(({ method }) => method === 'SETUP').every(({ uri }) => uri.endsWith('/talk'))).toBe(true);
    await waitFor('TEARDOWN', () => client.requests.some(({ method }) => method === 'TEARDOWN'));
  });

  it('speaks A-law to a device that wants it, over UDP if it must', async () => {
    const server = await serve({ udp: true, sdp: sdp(...section('8', 'talk', 'sendonly')) });
    const talk = channel(server.url);
    expect(await talk.open()).toEqual({ codec: 'pcma' });
    talk.send(SECOND.subarray(0, 320));
    const udp = await waitFor('the track', () => server.clients[0]?.udp);
    const sound = await waitFor('two packets', () => {
      const packets = udp.rtp.filter((packet) => packet.length === 172);
      return packets.length === 2 ? packets : null;
    });
    expect(Buffer.concat(sound.map((packet) => packet.subarray(12)))).toEqual(
      Buffer.from(muLawToALaw(SECOND.subarray(0, 320))),
    );
  });

  it.each<[string, string, Script]>([
    ['a device that does not know it', 'DEVICE_UNSUPPORTED', { onRequest: (r, c) => refuse(r, c, 551) }],
    ['no such track', 'DEVICE_UNSUPPORTED', { sdp: sdp(...section('0', 'a', 'recvonly')) }],
    ['a codec that nobody speaks', 'DEVICE_UNSUPPORTED', { sdp: sdp(...section('9', 'a', 'sendonly')) }],
    ['a device that is busy', 'STREAM_REFUSED', { onRequest: (r, c) => refuse(r, c, 453) }],
    [
      'a password that is missing',
      'DEVICE_REFUSED_CREDENTIALS',
      { auth: { algorithm: 'MD5', qop: true, user: 'u', password: 'p' } },
    ],
  ])('%s: %s', async (_, code, script) => {
    const server = await serve(script);
    await expect(channel(server.url).open()).rejects.toMatchObject({ code });
    await waitFor('no connection left', () => server.clients.every(({ socket }) => socket.closed));
  });

  it('says once that the device ended it', async () => {
    const server = await serve({});
    const errors: Error[] = [];
    const talk = channel(server.url, { onClosed: (error) => void errors.push(error) });
    await talk.open();
    server.clients[0]?.socket.write(buildRequest('TEARDOWN', 'rtsp://x/', [['CSeq', 1]]));
    await waitFor('the end', () => errors.length > 0);
    talk.send(SECOND);
    await talk.close();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ code: 'STREAM_ENDED' });
  });

  it.skipIf(!hasGstRtspServer).each(['PCMU', 'PCMA'] as const)(
    'GStreamer hears %s, sample by sample',
    async (codec) => {
      const folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-test-'));
      cleanups.push(() => rm(folder, { recursive: true }));
      const file = join(folder, 'heard');
      const numbered = { frames: 0, fps: 10, width: 320, height: 240 };
      const server = await startGstRtspServer({ ...numbered, loudspeaker: { codec, file } });
      cleanups.push(() => server.stop());
      const talk = channel(server.url);
      expect(await talk.open()).toEqual({ codec: codec === 'PCMU' ? 'pcmu' : 'pcma' });
      const wanted = Buffer.from(codec === 'PCMU' ? SECOND : muLawToALaw(SECOND));
      talk.send(SECOND);
      const heard = await waitFor('a second of sound', () => {
        const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
        return bytes.length >= wanted.length - 160 ? bytes : null;
      });
      expect(heard.equals(wanted.subarray(0, heard.length))).toBe(true);
    },
  );
});

function refuse(
  ...[request, client, status]: [Parameters<typeof reply>[1], Parameters<typeof reply>[0], number]
): boolean {
  if (request.method !== 'DESCRIBE') return false;
  reply(client, request, status);
  return true;
}
