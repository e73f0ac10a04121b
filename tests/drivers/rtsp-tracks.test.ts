import { afterEach, describe, expect, it } from 'vitest';
import { MediaStream, type MediaStreamOptions } from '../../edge/media/stream.ts';
import type { AudioFrame, MetadataFrame } from '../../edge/media/types.ts';
import { systemClock } from '../../platform/clock.ts';
import { G711Packetizer } from '../../protocols/g711/packetizer.ts';
import { MetadataPacketizer } from '../../protocols/onvif-metadata/packetizer.ts';
import { buildSenderReport } from '../../protocols/rtp/rtcp.ts';
import { buildInterleaved } from '../../protocols/rtsp/build.ts';
import { header } from '../../protocols/rtsp/message.ts';
import { PPS, SPS_360P, slice } from '../support/h264.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { reply, type Script, type ScriptedClient, ScriptedRtspServer } from '../support/scripted-rtsp-server.ts';
import { StreamRecorder } from '../support/stream-recorder.ts';
import { waitFor } from '../support/wait.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

class Listener extends StreamRecorder {
  readonly sound: AudioFrame[] = [];
  readonly texts: MetadataFrame[] = [];
  onAudio(frame: AudioFrame): void {
    this.sound.push(frame);
  }
  onMetadata(frame: MetadataFrame): void {
    this.texts.push(frame);
  }
}

const VIDEO = ['m=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/90000', 'a=control:v'];
const PCMU = ['m=audio 0 RTP/AVP 0', 'a=control:a'];
const TEXT = ['m=application 0 RTP/AVP 107', 'a=rtpmap:107 vnd.onvif.metadata/90000', 'a=control:m'];
const sdp = (...sections: readonly string[][]): string => ['v=0', 's=x', ...sections.flat(), ''].join('\r\n');

async function serve(script: Script): Promise<ScriptedRtspServer> {
  const server = new ScriptedRtspServer({ sdp: sdp(VIDEO, PCMU, TEXT), onPlay: picture, ...script });
  await server.start();
  cleanups.push(() => server.stop());
  return server;
}

function pull(url: string, options: Partial<MediaStreamOptions> = {}) {
  const limits = { responseTimeoutMs: 600, silenceMs: 1_500, backoff: { firstMs: 30, maxMs: 60 } };
  const stream = new MediaStream({ clock: systemClock, log: new RecordingLog(), url, limits, ...options });
  const listener = new Listener();
  stream.subscribe(listener);
  stream.start();
  cleanups.push(() => stream.stop());
  return { stream, listener };
}

function picture(client: ScriptedClient, timestamp = 0): void {
  client.frame([SPS_360P, PPS, slice('idr')], timestamp);
}

const sendOn = (client: ScriptedClient, channel: number, packets: readonly Uint8Array[]): void => {
  for (const packet of packets) client.socket.write(buildInterleaved(channel, packet));
};
const sound = () => new G711Packetizer({ payloadType: 0, ssrc: 7, mtu: 1400, firstSequence: 65_530, maxSamples: 160 });
const setUps = (server: ScriptedRtspServer): string[] =>
  server.clients.flatMap(({ requests }) =>
    requests.filter(({ method }) => method === 'SETUP').map(({ uri }) => uri.slice(-1)),
  );

describe('several tracks', () => {
  it('each has channels of its own; sound and metadata are handed on in the time of the pictures', async () => {
    const document = Buffer.from(`<tt:MetadataStream>${'x'.repeat(3000)}</tt:MetadataStream>`);
    const server = await serve({
      onPlay: (client) => {
        picture(client);
        sendOn(client, 2, sound().packetizeUnit(new Uint8Array(800).fill(9), 0xffff_ff00));
        sendOn(
          client,
          4,
          new MetadataPacketizer({ payloadType: 107, ssrc: 8, mtu: 1400, firstSequence: 1 }).packetizeUnit(document, 5),
        );
      },
    });
    const { listener, stream } = pull(server.url);
    await waitFor('sound and text', () => listener.sound.length === 5 && listener.texts.length === 1);
    const transports = server.clients[0]?.requests.flatMap((request) => header(request, 'transport') ?? []);
    expect(transports?.map((value) => value.split('=')[1])).toEqual(['0-1', '2-3', '4-5']);
    const first = listener.sound[0]?.pts90k ?? Number.NaN;
    expect(listener.sound.map(({ pts90k }) => Math.round(pts90k - first))).toEqual([0, 1800, 3600, 5400, 7200]);
    expect(listener.sound.map(({ sequence, samples }) => [sequence, samples])).toEqual(
      [1, 2, 3, 4, 5].map((n) => [n, 160]),
    );
    expect(listener.sound[4]?.bytes).toEqual(new Uint8Array(160).fill(9));
    expect(Buffer.from(listener.texts[0]?.bytes ?? []).equals(document)).toBe(true);
    expect(stream.stats()).toMatchObject({ audio: { codec: 'pcmu', clockRate: 8000, channels: 1 }, transport: 'tcp' });
  });

  it.each<[string, string[]]>([
    ['a codec that we do not carry', ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 G726-32/8000', 'a=control:a']],
    ['AAC without its configuration', ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 MPEG4-GENERIC/16000', 'a=control:a']],
    ['a rate of nonsense', ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 PCMU/999999999', 'a=control:a']],
  ])('sound in %s is left out, and the pictures come', async (_, audio) => {
    const server = await serve({ sdp: sdp(VIDEO, audio) });
    const { listener, stream } = pull(server.url);
    await waitFor('a picture', () => listener.fragments.length > 0);
    expect(setUps(server)).toEqual(['v']);
    expect(stream.stats().audio).toBeNull();
  });

  it('of two sounds, the one towards the device is not listened to', async () => {
    const server = await serve({ sdp: sdp([...PCMU, 'a=sendonly'], VIDEO, ['m=audio 0 RTP/AVP 8', 'a=control:b']) });
    const { listener, stream } = pull(server.url);
    await waitFor('a picture', () => listener.fragments.length > 0);
    expect(setUps(server)).toEqual(['v', 'b']);
    expect(stream.stats()).toMatchObject({ audio: { codec: 'pcma' }, backChannel: true });
  });

  it('a refusal of the sound costs the sound alone', async () => {
    const server = await serve({
      onRequest: (request, client) => {
        if (request.method !== 'SETUP' || !request.uri.endsWith('/a')) return false;
        reply(client, request, 503);
        return true;
      },
    });
    const { listener } = pull(server.url);
    await waitFor('a picture', () => listener.fragments.length > 0);
    expect(server.clients).toHaveLength(1);
    expect(setUps(server)).toEqual(['v', 'a', 'm']);
  });

  it.each<[string, (client: ScriptedClient) => void]>([
    ['never answers', () => undefined],
    ['hangs up', ({ socket }) => void socket.destroy()],
  ])('a device that %s when it is asked for sound is asked for pictures alone', async (_, onSound) => {
    const server = await serve({
      onRequest: (request, client) => {
        if (request.method !== 'SETUP' || !request.uri.endsWith('/a')) return false;
        onSound(client);
        return true;
      },
    });
    const { listener } = pull(server.url);
    await waitFor('a picture', () => listener.fragments.length > 0);
    expect(setUps(server)).toEqual(['v', 'a', 'v']);
  });

  it('a device whose PLAY fails with sound plays without', async () => {
    const server = await serve({
      onRequest: (request, client) => {
        if (request.method !== 'PLAY' || !client.requests.some(({ uri }) => uri.endsWith('/a'))) return false;
        reply(client, request, 500);
        return true;
      },
    });
    const limits = { refusedWaitMs: 50, backoff: { firstMs: 30, maxMs: 60 } };
    const { listener } = pull(server.url, { limits });
    await waitFor('a picture', () => listener.fragments.length > 0);
  });

  it('sound that trickles on without pictures is silence', async () => {
    const packetizer = sound();
    let timestamp = 0;
    const server = await serve({
      onPlay: (client) => {
        picture(client);
        const timer = setInterval(() => {
          timestamp += 160;
          sendOn(client, 2, packetizer.packetizeUnit(new Uint8Array(160), timestamp));
        }, 20);
        client.socket.on('close', () => clearInterval(timer));
      },
    });
    const { listener } = pull(server.url);
    await waitFor('the silence', () => listener.states.includes('failed silent'));
    expect(listener.sound.length).toBeGreaterThan(10);
  });

  it('nonsense on the sound’s channels harms nothing', async () => {
    const server = await serve({
      onPlay: (client) => {
        picture(client);
        for (let i = 0; i < 1500; i += 1)
          client.socket.write(buildInterleaved(2 + (i % 2), Buffer.alloc(30, i & 0x7f)));
        sendOn(client, 3, [
          buildSenderReport({ ssrc: 7, unixMs: 0, rtpTimestamp: 1 << 30, packets: 0, octets: 0 }, 'x'),
        ]);
        picture(client, 3600);
        sendOn(client, 2, sound().packetizeUnit(new Uint8Array(160), 0));
      },
    });
    const { listener } = pull(server.url);
    await waitFor('two pictures and sound', () => listener.fragments.length === 2 && listener.sound.length === 1);
    expect(server.clients).toHaveLength(1);
  });

  it('a listener that throws is removed; others hear on', async () => {
    const server = await serve({
      onPlay: (client) => {
        picture(client);
        sendOn(client, 2, sound().packetizeUnit(new Uint8Array(480), 0));
      },
    });
    const { listener, stream } = pull(server.url);
    stream.subscribe({
      onInit: () => undefined,
      onFragment: () => undefined,
      onAudio: () => {
        throw new Error('broken ear');
      },
    });
    expect(stream.consumers).toBe(2);
    await waitFor('all the sound', () => listener.sound.length === 3);
    expect(stream.consumers).toBe(1);
  });
});

describe('signing in again', () => {
  const auth = (over: Partial<NonNullable<Script['auth']>>): NonNullable<Script['auth']> => ({
    algorithm: 'SHA-256',
    qop: true,
    user: 'u',
    password: 'p',
    ...over,
  });
  const login = { username: 'u', password: 'p' };

  it('a TEARDOWN with an expired nonce is repeated with the new one', async () => {
    let nonce = 1;
    const server = await serve({ auth: auth({ nonce: () => `n${nonce}` }) });
    const { listener, stream } = pull(server.url, login);
    await waitFor('a picture', () => listener.fragments.length > 0);
    nonce = 2;
    await stream.stop();
    const farewells = server.clients[0]?.requests.filter(({ method }) => method === 'TEARDOWN') ?? [];
    expect(farewells.map((request) => /nonce="(\w+)"/.exec(header(request, 'authorization') ?? '')?.[1])).toEqual([
      'n1',
      'n2',
    ]);
  });

  it('a nonce that expires while it is answered is no wrong password', async () => {
    let asked = 0;
    const server = await serve({
      auth: auth({ nonce: () => (asked < 2 ? `n${asked}` : 'n2') }),
      onRequest: () => {
        asked += 1;
        return false;
      },
    });
    const { listener } = pull(server.url, login);
    await waitFor('a picture', () => listener.fragments.length > 0);
    expect(server.clients).toHaveLength(1);
  });

  it('keeps alive with SET_PARAMETER where that is all there is', async () => {
    const server = await serve({
      publicMethods: 'DESCRIBE, SETUP, PLAY, SET_PARAMETER',
      sessionTimeoutSeconds: 2,
      onPlay: (client) => {
        const timer = setInterval(() => picture(client, Date.now() * 90), 100);
        client.socket.on('close', () => clearInterval(timer));
      },
    });
    pull(server.url);
    await waitFor('a keepalive', () => server.methods().includes('SET_PARAMETER'));
  });
});

describe('hostile descriptions', () => {
  const fmtp = (parameters: string): string => sdp([...VIDEO, `a=fmtp:96 ${parameters}`]);
  const hugeSps = Buffer.concat([Buffer.from('6764001e', 'hex'), Buffer.alloc(3000, 0xff)]).toString('base64');

  it.each([
    ['megabytes of text', 'a=x\r\n'.repeat(60_000)],
    ['endless parameters', fmtp(`sprop-parameter-sets=${'A'.repeat(100_000)}`)],
    ['no line of it', '\0'.repeat(1000)],
  ])('%s: refused with a name', async (_, text) => {
    const server = await serve({ sdp: text });
    const { listener } = pull(server.url);
    await waitFor('the refusal', () => listener.states.find((state) => state.startsWith('failed')));
    expect(listener.states).toContain('failed garbage');
  });

  it.each([
    ['a damaged SPS', fmtp(`sprop-parameter-sets=${hugeSps},AAAA`)],
    ['no base64', fmtp('sprop-parameter-sets=%%%,,,;packetization-mode=99')],
    ['an endless list', fmtp(`sprop-parameter-sets=${'Z0I=,'.repeat(5000)}`)],
  ])('%s: what the pictures bring counts', async (_, text) => {
    const server = await serve({ sdp: text });
    const { listener } = pull(server.url);
    await waitFor('a picture', () => listener.fragments.length > 0);
    expect(listener.inits[0]).toMatchObject({ width: 640, height: 360 });
  });
});
