import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { MediaLimits } from '../../edge/media/limits.ts';
import { MediaStream, type StreamSource } from '../../edge/media/stream.ts';
import { MediaStreams } from '../../edge/media/streams.ts';
import { createAuthority, createServerCertificate } from '../../hub/identity/certificates.ts';
import { systemClock } from '../../platform/clock.ts';
import { buildGoodbye } from '../../protocols/rtp/rtcp.ts';
import { buildInterleaved, buildRequest } from '../../protocols/rtsp/build.ts';
import { header } from '../../protocols/rtsp/message.ts';
import { buildSdp } from '../../protocols/sdp/build.ts';
import { PPS, SPS_180P, SPS_360P, slice } from '../support/h264.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { reply, type Script, type ScriptedClient, ScriptedRtspServer } from '../support/scripted-rtsp-server.ts';
import { StreamRecorder } from '../support/stream-recorder.ts';
import { waitFor } from '../support/wait.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const QUICK: Partial<MediaLimits> = {
  connectTimeoutMs: 2_000,
  responseTimeoutMs: 400,
  silenceMs: 1_500,
  backoff: { firstMs: 30, maxMs: 60 },
};

async function serve(script: Script, port?: number): Promise<ScriptedRtspServer> {
  const server = new ScriptedRtspServer(script);
  await server.start(port);
  cleanups.push(() => server.stop());
  return server;
}

function pull(url: string, options: Partial<StreamSource> & { limits?: Partial<MediaLimits> } = {}) {
  const log = new RecordingLog();
  const stream = new MediaStream({ clock: systemClock, log, url, ...options, limits: { ...QUICK, ...options.limits } });
  const recorder = new StreamRecorder();
  stream.subscribe(recorder);
  stream.start();
  cleanups.push(() => stream.stop());
  return { stream, recorder, log };
}

/** A key frame with its parameter sets, then `deltas` frames. */
function play(client: ScriptedClient, deltas: number, from = 0): ScriptedClient {
  client.frame([SPS_360P, PPS, slice('idr', 3000)], from);
  for (let i = 1; i <= deltas; i += 1) client.frame([slice('delta', 2000)], from + i * 3600);
  return client;
}

describe('credentials', () => {
  it.each([
    ['MD5', true],
    ['MD5', false],
    ['SHA-256', true],
  ] as const)('Digest %s, qop %s', async (algorithm, qop) => {
    const server = await serve({
      auth: { algorithm, qop, user: 'admin', password: 'pä:ss' },
      onPlay: (client) => play(client, 2),
    });
    const { recorder } = pull(server.url.replace('//', '//admin:p%C3%A4%3Ass@'));
    await waitFor('three frames', () => recorder.fragments.length === 3);
    expect(server.methods().filter((method) => method === 'DESCRIBE')).toHaveLength(1);
  });

  it('tries a wrong password once and then waits long', async () => {
    const server = await serve({ auth: { algorithm: 'MD5', qop: true, user: 'admin', password: 'right' } });
    const { stream, recorder, log } = pull(server.url, {
      username: 'admin',
      password: 'wrong-secret',
      limits: { refusedPasswordWaitMs: 60_000 },
    });
    await waitFor('the refusal', () => recorder.states.includes('failed refused-credentials'));
    await waitFor('the connection to be closed', () => server.clients.every(({ socket }) => socket.closed));
    const withPassword = server.clients
      .flatMap(({ requests }) => requests)
      .filter((r) => header(r, 'authorization') !== null);
    expect(withPassword).toHaveLength(1);
    expect(server.clients).toHaveLength(1);
    await stream.stop();
    expect(JSON.stringify(log.entries)).not.toContain('wrong-secret');
  });

  it('never shows a password in clear text, and says what to do', async () => {
    const server = await serve({
      onRequest: (request, client) => {
        reply(client, request, 401, [['WWW-Authenticate', 'Basic realm="x"']]);
        return true;
      },
    });
    const { stream, recorder, log } = pull(server.url, { username: 'admin', password: 'p' });
    await waitFor('the refusal', () => recorder.states.includes('failed refused-credentials'));
    expect(server.clients.flatMap(({ requests }) => requests).every((r) => header(r, 'authorization') === null)).toBe(
      true,
    );
    await stream.stop();
    expect(log.entries.length).toBeLessThanOrEqual(1);
  });

  it('over TLS checks the certificate unless told not to, and shows a password to nobody unchecked', async () => {
    const ca = await createAuthority('test', Date.now());
    const tls = await createServerCertificate(ca, ['127.0.0.1'], Date.now());
    const passwords: (string | null)[] = [];
    const server = await serve({
      tls,
      onRequest: (request, client) => {
        passwords.push(header(request, 'authorization'));
        if (passwords.at(-1) !== null) return false;
        reply(client, request, 401, [['WWW-Authenticate', 'Basic realm="x"']]);
        return true;
      },
      onPlay: (client) => play(client, 0),
    });
    const login = { username: 'u', password: 'p' };
    const unknown = pull(server.url, login).recorder;
    await waitFor('the refusal of the certificate', () => unknown.states.includes('failed unreachable'));
    expect(passwords).toEqual([]);
    const unchecked = pull(server.url, { ...login, trust: 'any' }).recorder;
    await waitFor('the refusal to show the password', () => unchecked.states.includes('failed refused-credentials'));
    expect(passwords).toEqual([null]);
    const checked = pull(server.url, { ...login, trust: { ca: ca.cert } }).recorder;
    await waitFor('a picture', () => checked.fragments.length > 0);
    expect(passwords.at(-1)).toBe('Basic dTpw');
  });

  it('goes on when the nonce expires under a keepalive', async () => {
    let nonce = 1;
    const server = await serve({
      auth: { algorithm: 'MD5', qop: true, user: 'u', password: 'p', nonce: () => `n${nonce}` },
      sessionTimeoutSeconds: 4,
      onPlay: (client) => {
        nonce = 2;
        const timer = setInterval(() => play(client, 0, Date.now() * 90), 200);
        client.socket.on('close', () => clearInterval(timer));
      },
    });
    const { stream } = pull(server.url, { username: 'u', password: 'p' });
    const client = await waitFor('a client', () => server.clients[0]);
    const keepAlives = (): number => client.requests.filter(({ method }) => method === 'GET_PARAMETER').length;
    await waitFor('two keepalives, the first sent twice', () => keepAlives() >= 3);
    expect(header(client.requests.at(-1) ?? { headers: new Map() }, 'session')).toBe('s1');
    expect(stream.stats().state).toBe('live');
    expect(server.clients).toHaveLength(1);
  });
});

describe('keepalive', () => {
  it('uses OPTIONS where GET_PARAMETER is not offered, and survives being ignored', async () => {
    const server = await serve({
      publicMethods: 'DESCRIBE, SETUP, PLAY',
      sessionTimeoutSeconds: 4,
      onRequest: (request) =>
        request.method === 'GET_PARAMETER' || (request.method === 'OPTIONS' && header(request, 'session') !== null),
      onPlay: (client) => {
        const timer = setInterval(() => play(client, 0, Date.now() * 90), 200);
        client.socket.on('close', () => clearInterval(timer));
      },
    });
    const { stream } = pull(server.url);
    await waitFor('both kinds', () => {
      const methods = server.methods().slice(4);
      return methods.includes('OPTIONS') && methods.includes('GET_PARAMETER');
    });
    expect(server.methods()[4]).toBe('OPTIONS');
    expect(stream.stats().state).toBe('live');
    expect(server.clients).toHaveLength(1);
  });

  it('sends receiver reports', async () => {
    const server = await serve({ onPlay: (client) => void setInterval(() => play(client, 0), 200).unref() });
    pull(server.url, { limits: { reportPeriodMs: 500 } });
    const report = await waitFor('a report', () => server.clients[0]?.frames[0]);
    expect(report.channel).toBe(1);
    expect(report.bytes[1]).toBe(201);
    expect(report.bytes.readUInt32BE(8)).toBe(0x1234);
  });
});

describe('what devices answer', () => {
  const vp8 = buildSdp({
    name: 'x',
    sessionId: 1,
    address: '127.0.0.1',
    medias: [{ kind: 'video', payloadType: 98, rtpmap: 'VP8/90000', control: 't' }],
  });
  const answer = (status: number) => (request: Parameters<typeof reply>[1], client: ScriptedClient) => {
    if (request.method !== 'DESCRIBE') return false;
    reply(client, request, status);
    return true;
  };

  it.each<[string, string, Script]>([
    ['404', 'refused', { onRequest: answer(404) }],
    ['no track that we carry', 'unsupported-codec', { sdp: vp8 }],
    ['no description', 'garbage', { sdp: '<html>login</html>' }],
    ['nothing', 'no-answer', { onRequest: () => true }],
    ['an end instead of an answer', 'no-answer', { onRequest: (_, { socket }) => socket.end() === socket }],
    ['a broken connection', 'unreachable', { onRequest: (_, { socket }) => socket.resetAndDestroy() === socket }],
    [
      'something that is not RTSP',
      'garbage',
      { onConnection: ({ socket }) => void socket.write(Buffer.alloc(400_000, 1)) },
    ],
    [
      'pictures that are no RTP',
      'garbage',
      {
        onPlay: ({ socket }) =>
          void Array.from({ length: 1200 }, () => socket.write(buildInterleaved(0, Buffer.alloc(20)))),
      },
    ],
    ['no pictures', 'silent', {}],
    [
      'a goodbye',
      'ended',
      { onPlay: (client) => play(client, 1).socket.write(buildInterleaved(1, buildGoodbye(0x1234))) },
    ],
    [
      'a TEARDOWN of its own',
      'ended',
      {
        onPlay: (client) => play(client, 1).socket.write(buildRequest('TEARDOWN', 'rtsp://x/', [['CSeq', 1]])),
      },
    ],
    ['an end after pictures', 'ended', { onPlay: (client) => play(client, 1).socket.end() }],
  ])('%s: %s', async (_, reason, script) => {
    const server = await serve(script);
    const { recorder } = pull(server.url, { limits: { refusedWaitMs: 60_000 } });
    await waitFor(reason, () => recorder.states.some((state) => state.startsWith('failed ')));
    expect(recorder.states.find((state) => state.startsWith('failed '))).toBe(`failed ${reason}`);
  });

  it('nobody there: unreachable, and live as soon as somebody is', async () => {
    const gone = await serve({});
    const { port, url } = gone;
    await gone.stop();
    const { recorder } = pull(url);
    await waitFor('unreachable', () => recorder.states.includes('failed unreachable'));
    const server = await serve({ onPlay: (client) => play(client, 1) }, port);
    await waitFor('live', () => recorder.states.includes('live ok'));
    expect(recorder.states.slice(0, 4)).toEqual([
      'stopped stopped',
      'connecting ok',
      'failed unreachable',
      'connecting unreachable',
    ]);
    expect(server.clients.length).toBeGreaterThan(0);
  });

  it('asks for the addresses that the description gives', async () => {
    const server = await serve({ onPlay: (client) => play(client, 0) });
    const { stream, recorder } = pull(server.url);
    await waitFor('a frame', () => recorder.fragments.length > 0);
    await stream.stop();
    const [client] = server.clients;
    await waitFor('TEARDOWN', () => client?.requests.some(({ method }) => method === 'TEARDOWN'));
    await waitFor('the end of the connection', () => client?.socket.closed);
    expect(client?.requests.map(({ method, uri }) => `${method} ${uri.replace(/:\d+/, '')}`)).toEqual([
      'OPTIONS rtsp://127.0.0.1/cam?channel=1',
      'DESCRIBE rtsp://127.0.0.1/cam?channel=1',
      'SETUP rtsp://127.0.0.1/cam?channel=1/track1',
      'PLAY rtsp://127.0.0.1/cam?channel=1/',
      'TEARDOWN rtsp://127.0.0.1/cam?channel=1/',
    ]);
    expect(stream.stats()).toMatchObject({
      state: 'stopped',
      reason: 'stopped',
      framesTotal: 1,
      codec: 'avc1.64001E',
      width: 640,
      height: 360,
    });
  });
});

describe('pictures', () => {
  it('the last frame comes without a packet behind it, and reconnecting starts a new epoch', async () => {
    const server = await serve({ onPlay: (client) => play(client, 4) });
    const { recorder } = pull(server.url);
    await waitFor('five frames from one connection', () => recorder.fragments.length === 5);
    server.clients[0]?.socket.end();
    await waitFor('five more from the next', () => recorder.fragments.length === 10);
    expect(recorder.inits).toHaveLength(2);
    expect(recorder.inits[1]?.epoch).toBeGreaterThan(recorder.inits[0]?.epoch ?? 0);
    expect(recorder.fragments.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const times = recorder.fragments.map(({ decodeTime90k }) => decodeTime90k);
    expect(times.slice(0, 5)).toEqual([0, 3600, 7200, 10_800, 14_400]);
    expect(times[5]).toBeGreaterThan(14_400);
  });

  it('the last frame comes even without its marker, when the device ends', async () => {
    const server = await serve({
      onPlay: (client) => {
        for (const packet of client.packetizer.packetize([SPS_360P, PPS, slice('idr', 3000)], 0)) {
          packet[1] = (packet[1] ?? 0) & 0x7f;
          client.socket.write(buildInterleaved(0, packet));
        }
        client.socket.end();
      },
    });
    const { recorder } = pull(server.url, { limits: { backoff: { firstMs: 60_000, maxMs: 60_000 } } });
    await waitFor('the end', () => recorder.states.includes('failed ended'));
    expect(recorder.fragments).toHaveLength(1);
  });

  it('noise between good packets costs nothing but itself', async () => {
    const server = await serve({
      onPlay: (client) => {
        for (let i = 0; i < 20; i += 1) {
          play(client, 1, i * 7200);
          client.socket.write(buildInterleaved(0, randomBytes(50)));
          client.socket.write(buildInterleaved(1, randomBytes(50)));
          client.socket.write(buildInterleaved(7, randomBytes(50)));
          client.socket.write(Buffer.of(0, 1, 2));
        }
      },
    });
    const { recorder, stream } = pull(server.url);
    await waitFor(
      'half of the frames, over one connection',
      () => recorder.fragments.length >= 20 && server.clients.length === 1,
    );
    expect(stream.stats().state).toBe('live');
  });

  it('a lost packet costs the pictures up to the next key frame', async () => {
    const server = await serve({
      onPlay: (client) => {
        play(client, 2);
        client.packetizer.packetize([slice('delta')], 3 * 3600);
        client.frame([slice('delta')], 4 * 3600);
        play(client, 1, 5 * 3600);
      },
    });
    const { recorder, stream } = pull(server.url);
    await waitFor('five frames', () => recorder.fragments.length === 5);
    expect(recorder.presented90k().map((time) => time / 3600)).toEqual([0, 1, 2, 5, 6]);
    expect(stream.stats()).toMatchObject({ packetsLost: 1, framesDropped: 1, framesTotal: 5 });
  });

  it('changed parameters inside a session start a new epoch', async () => {
    const server = await serve({
      onPlay: (client) => {
        play(client, 1);
        client.frame([SPS_180P, PPS, slice('idr')], 7200);
      },
    });
    const { recorder } = pull(server.url);
    await waitFor('three frames', () => recorder.fragments.length === 3);
    expect(recorder.inits.map(({ width }) => width)).toEqual([640, 320]);
  });

  it('a late viewer gets the last group of pictures at once, sharing the others’ bytes', async () => {
    const server = await serve({ onPlay: (client) => play(play(client, 3), 2, 4 * 3600) });
    const { recorder, stream } = pull(server.url);
    await waitFor('seven frames', () => recorder.fragments.length === 7);
    const late = new StreamRecorder();
    const leave = stream.subscribe(late, { withLastGop: true });
    expect(late.states).toEqual(['live ok']);
    expect(late.inits).toEqual([recorder.inits[0]]);
    expect(late.fragments).toEqual(recorder.fragments.slice(4));
    expect(late.fragments[0]?.bytes).toBe(recorder.fragments[4]?.bytes);
    leave();
    expect(stream.consumers).toBe(1);
  });
});

describe('MediaStreams', () => {
  it('pulls once for everybody and never dials more than its limit', async () => {
    const server = await serve({ onPlay: (client) => void setTimeout(() => play(client, 0), 50) });
    const streams = new MediaStreams({ clock: systemClock, log: new RecordingLog(), limits: QUICK, maxDials: 3 });
    cleanups.push(() => streams.stop());
    for (let i = 0; i < 12; i += 1) streams.ensure(`cam-${i}/main`, { url: server.url });
    expect(streams.ensure('cam-0/main', { url: server.url })).toBe(streams.get('cam-0/main'));
    await waitFor('all live', () => streams.all().every(({ stream }) => stream.stats().framesTotal > 0));
    expect(server.clients).toHaveLength(12);
    expect(streams.dials.peak).toBe(3);
    await streams.remove('cam-0/main');
    expect(streams.get('cam-0/main')).toBeUndefined();
    const other = streams.ensure('cam-1/main', { url: `${server.url}&subtype=1` });
    await waitFor('the new source', () => other.stats().framesTotal > 0);
    expect(streams.all()).toHaveLength(11);
    await streams.stop();
    await waitFor('no connection left', () => server.clients.every(({ socket }) => socket.closed));
  });
});
