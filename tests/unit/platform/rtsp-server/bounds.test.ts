import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { loadIdentity } from '../../../../hub/identity/identity.ts';
import { systemClock } from '../../../../platform/clock.ts';
import { silentLog } from '../../../../platform/log.ts';
import { networkOf, plainAddress } from '../../../../platform/rtsp-server/network.ts';
import type { RtspServerOptions } from '../../../../platform/rtsp-server/server.ts';
import { SignInDelay } from '../../../../platform/rtsp-server/sign-in-delay.ts';
import { header } from '../../../../protocols/rtsp/message.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { PPS, SPS_360P } from '../../../support/h264.ts';
import { ScriptedSource } from '../../../support/published-source.ts';
import { RawRtsp } from '../../../support/raw-rtsp.ts';
import { startRtspServer } from '../../../support/rtsp-host.ts';
import { waitFor } from '../../../support/wait.ts';

const TRACK = { kind: 'video', codec: 'h264', parameterSets: [SPS_360P, PPS], width: 640, height: 360 } as const;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: Partial<RtspServerOptions> = {}) {
  const running = await startRtspServer(new ScriptedSource([{ track: TRACK, units: [] }]), options);
  cleanups.push(() => running.server.stop());
  const client = (): RawRtsp => {
    const made = new RawRtsp(running.port);
    cleanups.push(() => made.close());
    return made;
  };
  return { client, ...running };
}

async function identity(): Promise<{ tls: { cert: string; key: string }; caPem: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-test-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  const { server, caPem } = await loadIdentity(folder, ['127.0.0.1'], { clock: systemClock, log: silentLog });
  return { tls: server, caPem };
}

/** A connection that says nothing, so over TLS one whose handshake never ends. */
function silent(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  cleanups.push(() => socket.destroy());
  return socket;
}

describe('a client without a session', () => {
  it('is cut off when it asks without end and takes no answer', async () => {
    let looks = 0;
    const monotonicMs = (): number => {
      looks += 1;
      return systemClock.monotonicMs();
    };
    const limits = { requestsPerSecond: 1e6 };
    const { client, server } = await start({ clock: { ...systemClock, monotonicMs }, limits });
    const raw = client();
    await raw.send('OPTIONS');
    raw.stall();
    const eight = `OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nRequire: ${'x'.repeat(300)}\r\n\r\n`.repeat(8);
    const isCut = (): boolean => server.counters()['cut.stalled'] !== 0;
    // The system's own buffers take some megabytes before anything waits here.
    for (let i = 0; i < 8000 && !isCut(); i += 1) {
      // No more at once than may wait: the server looks at its clock for each request and each answer.
      const before = looks;
      raw.write(eight);
      while (looks < before + 8 * 3 && !isCut()) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(server.counters()).toMatchObject({ 'cut.stalled': 1, 'cut.flood': 0 });
    await waitFor('its place', () => server.counters()['connections'] === 0);
  });

  it('gets back no more than the beginning of what it required', async () => {
    const { client } = await start();
    const raw = client();
    const answer = await raw.send('OPTIONS', raw.url, [['Require', 'x'.repeat(5000)]]);
    expect(answer?.status).toBe(551);
    expect(answer === null ? null : header(answer, 'unsupported')).toBe('x'.repeat(256));
  });

  it('does not keep its place by asking without a password', async () => {
    const clock = new FakeClock();
    const { client, server } = await start({ clock });
    const raw = client();
    for (let second = 0; second < 20 && !raw.isClosed; second += 5) {
      await raw.send('OPTIONS');
      await raw.send('DESCRIBE');
      await clock.advance(5000);
    }
    await waitFor('the end', () => raw.isClosed);
    expect(server.counters()).toMatchObject({ 'cut.idle': 1 });
  });

  it('does not keep its place by frames that belong to nothing', async () => {
    const clock = new FakeClock();
    const { client, server } = await start({ clock });
    const raw = client();
    expect((await raw.ask('DESCRIBE'))?.status).toBe(200);
    for (let second = 0; second < 20; second += 5) {
      raw.write(Buffer.of(0x24, 1, 0, 1, 0));
      await clock.advance(5000);
    }
    await waitFor('the end', () => raw.isClosed);
    expect(server.counters()).toMatchObject({ 'cut.idle': 1, readers: 0 });
  });
});

describe('over TLS', () => {
  it('a handshake that is not finished has a place of its address', async () => {
    const { tls, caPem } = await identity();
    const { server, port } = await start({ tls, limits: { connectionsPerAddress: 2 } });
    silent(port);
    await waitFor('its place', () => server.counters()['connections'] === 1);
    const secure: TLSSocket = connectTls({ port, host: '127.0.0.1', ca: caPem });
    cleanups.push(() => secure.destroy());
    await new Promise<void>((resolve) => secure.once('secureConnect', resolve));
    const third = silent(port);
    await waitFor('the third to be turned away', () => third.destroyed);
    expect(server.counters()).toMatchObject({ connections: 2, refused: 1 });
    secure.destroy();
    await waitFor('its place', () => server.counters()['connections'] === 1);
  });

  it('stops at once while somebody is in the handshake', async () => {
    const { tls } = await identity();
    const { server, port } = await start({ tls });
    const socket = silent(port);
    await waitFor('the connection', () => server.counters()['connections'] === 1);
    const from = performance.now();
    await server.stop();
    expect(performance.now() - from).toBeLessThan(5000);
    await waitFor('its end', () => socket.destroyed);
  });
});

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:0001:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('%s is counted as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

it('takes an IPv4 address on a socket for both families as such', () => {
  expect(plainAddress('::ffff:192.0.2.7')).toBe('192.0.2.7');
});

it('the delay after failures counts those that wait, however many fail meanwhile', async () => {
  const clock = new FakeClock();
  const delay = new SignInDelay(clock);
  delay.fail('there');
  for (let i = 0; i < 20; i += 1) {
    const turn = delay.turn('there');
    delay.fail('there');
    await clock.advance(60_000);
    expect(await turn).toBe(true);
    delay.fail('there');
  }
  const waiting = Array.from({ length: 9 }, () => delay.turn('there'));
  await clock.advance(60_000);
  expect(await Promise.all(waiting)).toEqual([...new Array<boolean>(8).fill(true), false]);
});
