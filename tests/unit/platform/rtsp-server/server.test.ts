import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import type { RtspServerOptions } from '../../../../platform/rtsp-server/server.ts';
import type { SourceUnit, VideoTrack } from '../../../../platform/rtsp-server/source.ts';
import { joinAvcc } from '../../../../protocols/h264/nal.ts';
import { emptyRtpHeader, readRtpHeader } from '../../../../protocols/rtp/packet.ts';
import { ntpToUnixMs, parseRtcp } from '../../../../protocols/rtp/rtcp.ts';
import { header, headerValues, type RtspResponse } from '../../../../protocols/rtsp/message.ts';
import { parseRtpInfo } from '../../../../protocols/rtsp/session.ts';
import { parseSdp } from '../../../../protocols/sdp/parse.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { PPS, SPS_360P, slice } from '../../../support/h264.ts';
import { ScriptedSource } from '../../../support/published-source.ts';
import { RawRtsp } from '../../../support/raw-rtsp.ts';
import { startRtspServer } from '../../../support/rtsp-host.ts';
import { waitFor } from '../../../support/wait.ts';

const TRACK: VideoTrack = { kind: 'video', codec: 'h264', parameterSets: [SPS_360P, PPS], width: 640, height: 360 };
const T0 = Date.UTC(2026, 0, 1);

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: Partial<RtspServerOptions> = {}) {
  const source = new ScriptedSource([{ track: TRACK, units: [] }]);
  const running = await startRtspServer(source, options);
  cleanups.push(() => running.server.stop());
  let frame = 0;
  const give = (key: boolean, bytes = 500, lateMs = 0): void => {
    const pts90k = 900_000 + frame * 3600;
    const unit: SourceUnit = {
      kind: 'video',
      key,
      bytes: joinAvcc([slice(key ? 'idr' : 'delta', bytes)]),
      pts90k,
      edgeAtMs: T0 + frame * 40 + lateMs,
    };
    frame += 1;
    source.give(unit);
  };
  const client = (path?: string, password?: string): RawRtsp => {
    const made = new RawRtsp(running.port, path, password);
    cleanups.push(() => made.close());
    return made;
  };
  return { source, give, client, ...running };
}

function statusOf(response: RtspResponse | null): number | null {
  return response?.status ?? null;
}

describe('dialogue', () => {
  it('answers OPTIONS without a password and nothing else', async () => {
    const { client } = await start();
    const raw = client();
    const options = await raw.send('OPTIONS');
    expect(statusOf(options)).toBe(200);
    expect(options === null ? null : header(options, 'public')).toContain('GET_PARAMETER');
    for (const method of ['DESCRIBE', 'SETUP', 'PLAY']) expect(statusOf(await raw.send(method))).toBe(401);
  });

  it('offers SHA-256 and then MD5, and never Basic', async () => {
    const { client } = await start();
    const answer = await client().send('DESCRIBE');
    const offers = answer === null ? [] : headerValues(answer, 'www-authenticate');
    expect(offers.map((offer) => /^Digest .*algorithm=([\w-]+)/.exec(offer)?.[1])).toEqual(['SHA-256', 'MD5']);
  });

  it('describes the stream, sets it up, and plays from the last key frame', async () => {
    const { client, give } = await start();
    const early = client();
    await early.play();
    give(true);
    give(false);
    await waitFor('both', () => (early.frames.get(0)?.length ?? 0) >= 3);
    const raw = client();
    const described = await raw.ask('DESCRIBE');
    const sdp = parseSdp(Buffer.from(described?.body ?? []).toString());
    expect(sdp.medias).toMatchObject([{ kind: 'video', control: 'trackID=0', formats: ['96'] }]);
    expect(sdp.medias[0]?.fmtps.get('96')).toContain(`sprop-parameter-sets=${SPS_360P.toString('base64')}`);
    expect(described === null ? null : header(described, 'content-base')).toBe(`${raw.url}/`);
    const played = await raw.play();
    const info = parseRtpInfo((played === null ? null : header(played, 'rtp-info')) ?? '')[0];
    await waitFor('the group of pictures', () => (raw.frames.get(0)?.length ?? 0) >= 4);
    const rtp = emptyRtpHeader();
    const first = raw.frames.get(0)?.[0] ?? new Uint8Array(0);
    expect(readRtpHeader(first, 0, first.length, rtp)).toBe(true);
    expect(info).toMatchObject({ url: `${raw.url}/trackID=0`, seq: rtp.sequence, rtpTime: rtp.timestamp });
    // The key frame brings its parameter sets along.
    expect(
      raw.frames
        .get(0)
        ?.slice(0, 3)
        .map((packet) => (packet[12] ?? 0) & 0x1f),
    ).toEqual([7, 8, 5]);
  });

  it.each([
    ['PAUSE', 501],
    ['RECORD', 501],
    ['ANNOUNCE', 501],
    ['TEARDOWN', 454],
  ])('answers %s with %i', async (method, status) => {
    const { client } = await start();
    expect(statusOf(await client().send(method))).toBe(status);
  });

  it('refuses what it cannot do in the words of the standard', async () => {
    const { client, server } = await start({ udpPort: null });
    const raw = client();
    expect(statusOf(await raw.send('DESCRIBE', raw.url, [['Require', 'www.onvif.org/ver20/backchannel']]))).toBe(551);
    expect(statusOf(await raw.ask('DESCRIBE', `${raw.url}x/other`))).toBe(404);
    expect(statusOf(await raw.ask('PLAY'))).toBe(454);
    const udp = [['Transport', 'RTP/AVP;unicast;client_port=40000-40001']] as const;
    expect(statusOf(await raw.ask('SETUP', `${raw.url}/trackID=0`, udp))).toBe(461);
    const multicast = [['Transport', 'RTP/AVP;multicast']] as const;
    expect(statusOf(await raw.ask('SETUP', `${raw.url}/trackID=0`, multicast))).toBe(461);
    const tcp = [['Transport', 'RTP/AVP/TCP;unicast;interleaved=0-1']] as const;
    expect(statusOf(await raw.ask('SETUP', `${raw.url}/trackID=7`, tcp))).toBe(404);
    expect(statusOf(await raw.ask('SETUP', `${raw.url}/trackID=0`, tcp))).toBe(200);
    expect(statusOf(await raw.ask('SETUP', `${raw.url}/trackID=0`, tcp))).toBe(455);
    raw.session = 'other';
    expect(statusOf(await raw.ask('PLAY'))).toBe(454);
    expect(statusOf(await raw.send('GET_PARAMETER'))).toBe(454);
    expect(server.counters()).toMatchObject({ readers: 1 });
  });

  it('says no more than it has to about what a reader may not see', async () => {
    const { client, host } = await start();
    host.refusal = new SharpEyesError('STREAM_UNKNOWN', 'a secret reason');
    const answer = await client().ask('DESCRIBE');
    expect(statusOf(answer)).toBe(404);
    expect(JSON.stringify([...(answer?.headers ?? [])])).not.toContain('secret');
    host.refusal = new SharpEyesError('LIMIT_REACHED', 'too many');
    expect(statusOf(await client().ask('DESCRIBE'))).toBe(453);
  });

  it('keeps a session to its stream', async () => {
    const { client, server, host } = await start();
    const raw = client();
    await raw.ask('DESCRIBE');
    const tcp = [['Transport', 'RTP/AVP/TCP;unicast']] as const;
    expect(statusOf(await raw.ask('SETUP', `${raw.url}/trackID=0`, tcp))).toBe(200);
    const other = `${raw.url.replace('/main', '/sub')}/trackID=0`;
    expect(statusOf(await raw.ask('SETUP', other, tcp))).toBe(459);
    expect(statusOf(await raw.ask('PLAY', `${raw.url}/`))).toBe(200);
    // What is audited and asked for again is what is read.
    expect(server.reading.map(({ stream }) => stream)).toEqual(['main']);
    expect(host.played.map(({ stream }) => stream)).toEqual(['main']);
    expect([host.opened, host.released]).toEqual([1, 0]);
  });

  it('lets go of a stream with TEARDOWN', async () => {
    const { client, source, server, host } = await start();
    const raw = client();
    await raw.play();
    expect(statusOf(await raw.send('TEARDOWN'))).toBe(200);
    expect([host.opened, host.released, source.sinks]).toEqual([1, 1, 0]);
    expect(server.counters()).toMatchObject({ readers: 0, streams: 0, connections: 1 });
  });

  it('ends its sessions with the stream, and lets go of it', async () => {
    const { client, source, host, give } = await start();
    const raw = client();
    await raw.play();
    give(true);
    source.end();
    await waitFor('the end', () => raw.isClosed);
    expect(raw.frames.get(1)?.some((packet) => parseRtcp(packet).goodbyes.length === 1)).toBe(true);
    expect([host.opened, host.released, source.sinks]).toEqual([1, 1, 0]);
    expect(host.stopped).toMatchObject([{ sent: 1, skipped: 0 }]);
  });

  it('goes on when parameters change, and ends when the codec does', async () => {
    const { client, source, give } = await start();
    const raw = client();
    await raw.play();
    give(true);
    const other = Buffer.from('68ebe3cb22c1', 'hex');
    source.change({ ...TRACK, parameterSets: [SPS_360P, other] });
    give(true);
    await waitFor('both key frames', () => (raw.frames.get(0)?.length ?? 0) >= 6);
    expect(Buffer.from(raw.frames.get(0)?.[4]?.subarray(12) ?? [])).toEqual(other);
    source.change({ ...TRACK, codec: 'mjpeg', parameterSets: [] });
    await waitFor('the end', () => raw.isClosed);
  });
});

describe('access', () => {
  it('takes no password for another and slows guessing down', async () => {
    const clock = new FakeClock();
    const { client, server } = await start({ clock });
    const guess = async (): Promise<number | null> => statusOf(await client('/camera-1/main', 'guess').ask('DESCRIBE'));
    expect(await guess()).toBe(401);
    const timers = clock.timers;
    let answered = false;
    const second = guess().then((status) => {
      answered = true;
      return status;
    });
    // The first failure holds the next attempt of this address back, on whatever connection.
    await waitFor('the second attempt to wait', () => clock.timers > timers);
    expect(answered).toBe(false);
    await clock.advance(250);
    expect(await second).toBe(401);
    expect(server.counters()).toMatchObject({ failedSignIns: 2 });
  });

  it('says who was turned away, once a minute for each address', async () => {
    const clock = new FakeClock();
    const { client, host } = await start({ clock });
    const refused = { user: 'vms', address: '127.0.0.1' };
    await client('/camera-1/main', 'guess').ask('DESCRIBE');
    expect(host.refused).toEqual([{ ...refused, reason: 'password', deviceId: null, suppressedBefore: 0 }]);
    await clock.advance(5000);
    const raw = client('/camera-2/main');
    expect(statusOf(await raw.ask('DESCRIBE'))).toBe(404);
    expect(statusOf(await raw.ask('DESCRIBE'))).toBe(404);
    await clock.advance(14_000);
    expect(statusOf(await raw.ask('DESCRIBE', `${raw.url}/`))).toBe(404);
    expect(host.refused).toHaveLength(1);
    await clock.advance(60_000);
    expect(statusOf(await client('/camera-2/main').ask('DESCRIBE'))).toBe(404);
    expect(host.refused).toHaveLength(2);
    expect(host.refused[1]).toEqual({ ...refused, reason: 'right', deviceId: 'camera-2', suppressedBefore: 3 });
  });

  it('takes an old nonce and a request without a password for no failure', async () => {
    const clock = new FakeClock();
    const { client, host, server } = await start({ clock, limits: { sessionTimeoutMs: 3_600_000 } });
    const raw = client();
    await raw.play();
    await clock.advance(301_000);
    expect(statusOf(await raw.ask('PLAY'))).toBe(200);
    expect([host.refused, server.counters()['failedSignIns']]).toEqual([[], 0]);
  });

  it('asks anew with stale=true when a nonce is old, and keepalives need none', async () => {
    const clock = new FakeClock();
    const { client } = await start({ clock, limits: { sessionTimeoutMs: 3_600_000 } });
    const raw = client();
    await raw.play();
    const before = raw.session;
    await clock.advance(301_000);
    expect(statusOf(await raw.send('GET_PARAMETER'))).toBe(200);
    // `ask` follows a challenge after a signed request only when it says `stale`.
    expect(statusOf(await raw.ask('PLAY'))).toBe(200);
    expect(raw.session).toBe(before);
  });

  it('accepts no request of another connection', async () => {
    const { client, port } = await start();
    const raw = client();
    await raw.ask('DESCRIBE');
    const overheard: string[] = [];
    const socket = connect(port, '127.0.0.1');
    socket.on('data', (chunk) => overheard.push(chunk.toString()));
    cleanups.push(() => socket.destroy());
    // The very same header on another connection: its nonce is not known there.
    const stolen = await stolenAuthorization(port);
    socket.write(`DESCRIBE ${raw.url} RTSP/1.0\r\nCSeq: 1\r\nAuthorization: ${stolen}\r\n\r\n`);
    await waitFor('an answer', () => overheard.join('').includes('401'));
  });

  it('holds the bounds on connections and readers', async () => {
    const { client, server } = await start({ limits: { connectionsPerAddress: 2, readersPerAccount: 1 } });
    const [first, second] = [client(), client()];
    await first.play();
    await second.ask('DESCRIBE');
    const tcp = [['Transport', 'RTP/AVP/TCP;unicast;interleaved=0-1']] as const;
    expect(statusOf(await second.ask('SETUP', `${second.url}/trackID=0`, tcp))).toBe(453);
    const third = client();
    await waitFor('the third to be turned away', () => third.isClosed);
    expect(server.counters()).toMatchObject({ connections: 2, readers: 1, refused: 1 });
    first.close();
    await waitFor('its place', () => server.counters()['readers'] === 0);
    expect(statusOf(await second.ask('SETUP', `${second.url}/trackID=0`, tcp))).toBe(200);
  });

  it('counts a reader from its DESCRIBE on, once for each connection', async () => {
    const { client, server, host } = await start({ limits: { readersPerAccount: 1 } });
    const [first, second] = [client(), client()];
    expect(statusOf(await first.ask('DESCRIBE', `${first.url}x/main`))).toBe(404);
    expect(server.counters()).toMatchObject({ readers: 0 });
    for (let i = 0; i < 2; i += 1) expect(statusOf(await first.ask('DESCRIBE'))).toBe(200);
    expect(statusOf(await second.ask('DESCRIBE'))).toBe(453);
    expect(host.opened - host.released).toBe(1);
    first.close();
    await waitFor('its place', () => server.counters()['readers'] === 0);
    expect(statusOf(await second.ask('DESCRIBE'))).toBe(200);
  });

  it('keeps nothing of a stream that cannot be begun', async () => {
    const { client, host, server, source } = await start();
    source.subscribe = () => {
      throw new Error('damaged');
    };
    expect(statusOf(await client().ask('DESCRIBE'))).toBe(500);
    expect([host.opened, host.released]).toEqual([1, 1]);
    expect(server.counters()).toMatchObject({ readers: 0, streams: 0 });
  });

  it('sends nothing more over UDP to a reader that may not read any more', async () => {
    const clock = new FakeClock();
    const { client, server, give, host } = await start({ clock });
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    cleanups.push(() => socket.close());
    const { port } = socket.address();
    const got: string[] = [];
    socket.on('message', (packet) => got.push(packet.length === 4 ? 'mark' : 'picture'));
    const raw = client();
    await raw.ask('DESCRIBE');
    const transport = `RTP/AVP;unicast;client_port=${port}-${port + 1}`;
    await raw.ask('SETUP', `${raw.url}/trackID=0`, [['Transport', transport]]);
    await raw.ask('PLAY');
    // The clock stands still: the first packets of the picture have left, and all others wait for it.
    give(true, 120_000);
    await waitFor('the first packets', () => got.length === 48);
    server.end(server.reading[0]?.readerId ?? 0);
    await waitFor('the end', () => raw.isClosed && host.stopped.length === 1);
    socket.send(Buffer.alloc(4), port, '127.0.0.1');
    await waitFor('the mark', () => got.includes('mark'));
    expect(got.filter((what) => what === 'picture')).toHaveLength(48);
  });

  it('cuts a reader off at once when it may not read any more', async () => {
    const { client, server, give } = await start();
    const raw = client();
    await raw.play();
    give(true);
    server.end(server.reading[0]?.readerId ?? 0);
    await waitFor('the end', () => raw.isClosed);
    expect(server.counters()).toMatchObject({ readers: 0, connections: 0, streams: 0 });
  });
});

async function stolenAuthorization(port: number): Promise<string> {
  const seen: string[] = [];
  const raw = new RawRtsp(port);
  const send = raw.send.bind(raw);
  raw.send = (method, url, headers = []) => {
    for (const [name, value] of headers) if (name === 'Authorization') seen.push(String(value));
    return send(method, url, headers);
  };
  await raw.ask('DESCRIBE');
  raw.close();
  return seen.at(-1) ?? '';
}

describe('readers that do not keep up', () => {
  it('skips to the next key frame for the slow one only', async () => {
    const { client, give, host } = await start({ limits: { readerBufferBytes: 400_000 } });
    const [slow, quick] = [client(), client()];
    await slow.play();
    await quick.play();
    slow.stall();
    // The system's own buffers take some megabytes before anything waits here.
    let given = 0;
    for (; given < 600; given += 1) {
      give(given % 20 === 0, 20_000);
      if (given % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const marked = (raw: RawRtsp): number => (raw.frames.get(0) ?? []).filter((p) => ((p[1] ?? 0) & 0x80) !== 0).length;
    await waitFor('the quick one to have everything', () => marked(quick) === given);
    slow.close();
    await waitFor('the slow one to be gone', () => host.stopped.length === 1);
    expect(host.stopped[0]?.skipped).toBeGreaterThan(50);
    quick.close();
    await waitFor('both', () => host.stopped.length === 2);
    expect(host.stopped[1]).toMatchObject({ sent: given, skipped: 0 });
  });

  it('disconnects one that takes nothing any more', async () => {
    const clock = new FakeClock();
    const { client, give, server } = await start({ clock, limits: { readerBufferBytes: 100_000, stalledMs: 10_000 } });
    const raw = client();
    await raw.play();
    raw.stall();
    for (let i = 0; i < 600; i += 1) {
      give(true, 20_000);
      if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await clock.advance(12_000);
    expect(server.counters()).toMatchObject({ 'cut.stalled': 1, readers: 0 });
  });

  it('forgets a session over UDP that gives no sign of life, and keeps one that sends reports', async () => {
    const clock = new FakeClock();
    const { client, server } = await start({ clock });
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    cleanups.push(() => socket.close());
    const rtcpPort = socket.address().port;
    const raw = client();
    await raw.ask('DESCRIBE');
    const transport = `RTP/AVP;unicast;client_port=${rtcpPort - 1}-${rtcpPort}`;
    expect(statusOf(await raw.ask('SETUP', `${raw.url}/trackID=0`, [['Transport', transport]]))).toBe(200);
    await raw.ask('PLAY');
    await clock.advance(50_000);
    socket.send(Buffer.alloc(8), server.udpPort + 1, '127.0.0.1');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await clock.advance(50_000);
    expect(server.counters()).toMatchObject({ readers: 1, 'cut.timeout': 0 });
    await clock.advance(20_000);
    expect(server.counters()).toMatchObject({ 'cut.timeout': 1 });
  });

  it('ends a connection that says nothing', async () => {
    const clock = new FakeClock();
    const { client, server } = await start({ clock });
    const raw = client();
    await raw.send('OPTIONS');
    await clock.advance(20_000);
    await waitFor('the end', () => raw.isClosed);
    expect(server.counters()).toMatchObject({ 'cut.idle': 1 });
  });
});

describe('sender reports', () => {
  it('tie the time of the stream to the edge’s clock by the least late picture', async () => {
    const clock = new FakeClock();
    const { client, give } = await start({ clock });
    const raw = client();
    await raw.play();
    for (const lateMs of [30, 5, 80, 45]) give(lateMs === 30, 500, lateMs);
    await clock.advance(5000);
    const reports = await waitFor('a report', () =>
      (raw.frames.get(1) ?? []).flatMap((packet) => parseRtcp(packet).senderReports).slice(-1),
    );
    const last = raw.frames.get(0)?.at(-1) ?? new Uint8Array(0);
    const rtp = emptyRtpHeader();
    readRtpHeader(last, 0, last.length, rtp);
    const [report] = reports;
    expect(report).toMatchObject({ ssrc: rtp.ssrc, rtpTimestamp: rtp.timestamp });
    // The last picture is number 3, and the least late one was 5 ms late.
    expect(report === undefined ? 0 : Math.round(ntpToUnixMs(report))).toBe(T0 + 3 * 40 + 5);
    expect(report?.packets).toBe(raw.frames.get(0)?.length);
  });
});

describe('hostile input', () => {
  const word = fc.constantFrom('DESCRIBE', 'SETUP', 'PLAY', 'OPTIONS', 'TEARDOWN', 'GET_PARAMETER', 'X'.repeat(40));
  const line = fc.constantFrom(
    'CSeq: 1',
    'CSeq: x',
    `Authorization: Digest ${'a=b,'.repeat(500)}`,
    'Authorization: Digest username="vms", realm="Sharp Eyes", nonce="x", uri="*", response="y", algorithm=SHA-256',
    'Transport: RTP/AVP/TCP;interleaved=9999-2',
    'Transport: RTP/AVP;unicast;client_port=1-1',
    'Content-Length: 99999999999',
    'Content-Length: 4000',
    'Session: ;;;timeout=',
    'Require: nonsense',
    '\u0000',
  );
  const request = fc
    .tuple(
      word,
      fc.constantFrom('*', 'rtsp://x/camera-1/main', '/', `rtsp://h/${'a/'.repeat(200)}`),
      fc.array(line, { maxLength: 6 }),
    )
    .map(([method, uri, lines]) =>
      Buffer.from(`${method} ${uri} RTSP/1.0\r\n${lines.map((l) => `${l}\r\n`).join('')}\r\n`),
    );
  const noise = fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes));
  const frame = fc.uint8Array({ maxLength: 200 }).map((b) => Buffer.concat([Buffer.of(0x24, 0, 0, b.length), b]));

  it('leaves the server as it was', async () => {
    const { client, port, server, give } = await start({ limits: { connectionsPerAddress: 1000 } });
    const good = client();
    await good.play();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(request, noise, frame), { maxLength: 8 }), async (pieces) => {
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => undefined);
        socket.resume();
        await new Promise<void>((resolve) => socket.once('connect', resolve));
        for (const piece of pieces) socket.write(piece);
        await new Promise<void>((resolve) => {
          socket.once('close', () => resolve());
          socket.end();
          setTimeout(() => socket.destroy(), 20);
        });
      }),
      { numRuns: 300 },
    );
    give(true);
    await waitFor('a picture', () => (good.frames.get(0)?.length ?? 0) >= 3);
    await waitFor('the others to be gone', () => server.counters()['connections'] === 1);
    expect(server.counters()).toMatchObject({ readers: 1, streams: 1 });
  });

  it('ends connections that are too loud or too long', async () => {
    const { client, server } = await start();
    const loud = client();
    for (let i = 0; i < 400; i += 1) loud.write(`OPTIONS * RTSP/1.0\r\nCSeq: ${i}\r\n\r\n`);
    await waitFor('the loud one to be gone', () => loud.isClosed);
    const long = client();
    long.write(`OPTIONS * RTSP/1.0\r\n${'X-Header: 1\r\n'.repeat(2000)}`);
    await waitFor('the long one to be gone', () => long.isClosed);
    expect(server.counters()).toMatchObject({ 'cut.flood': 1, 'cut.garbage': 1 });
  });
});
