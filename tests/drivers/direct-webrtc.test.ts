import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Direct } from '../../edge/direct/direct.ts';
import { MediaStream } from '../../edge/media/stream.ts';
import { systemClock } from '../../platform/clock.ts';
import { closeServer } from '../../platform/net/listen.ts';
import { launchChromium } from '../support/browser.ts';
import { hasGstRtspServer, startGstRtspServer } from '../support/gst-rtsp-server.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { waitFor } from '../support/wait.ts';

const LEASE_MS = 60_000;
const LOOPBACK = { addresses: ['127.0.0.1'], ports: null };

/** A browser keeps loopback out of it, and its address behind a multicast name, unless it is told otherwise. */
const FLAGS = ['--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns'];

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

let browser: Browser;
let page: Page;
const site = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<video muted>'));
beforeAll(async () => {
  browser = await launchChromium(undefined, FLAGS);
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}`);
});
afterAll(async () => {
  await browser.close();
  await closeServer(site);
});

async function camera(): Promise<{ direct: Direct; released: () => number }> {
  const server = await startGstRtspServer({ frames: Number.POSITIVE_INFINITY, fps: 25, width: 320, height: 240 });
  const log = new RecordingLog();
  const stream = new MediaStream({ url: server.url, clock: systemClock, log });
  stream.start();
  let released = 0;
  const direct = new Direct({
    open: () => ({
      stream: 'main',
      subscribe: (consumer, options) => stream.subscribe(consumer, options),
      release: () => {
        released += 1;
      },
    }),
    addresses: LOOPBACK,
    maxSessions: 2,
    clock: systemClock,
    log,
  });
  cleanups.push(
    () => server.stop(),
    () => stream.stop(),
    () => direct.stop(),
  );
  return { direct, released: () => released };
}

/** What runs in the page: it makes the offer and plays whatever the connection brings. */
const MAKE_OFFER = `async (mimeType) => {
  window.connection = new RTCPeerConnection();
  const transceiver = connection.addTransceiver('video', { direction: 'recvonly' });
  const { codecs } = RTCRtpReceiver.getCapabilities('video');
  transceiver.setCodecPreferences(codecs.filter((each) => each.mimeType === mimeType));
  connection.ontrack = ({ track }) => {
    document.querySelector('video').srcObject = new MediaStream([track]);
    document.querySelector('video').play();
  };
  await connection.setLocalDescription();
  return connection.localDescription.sdp;
}`;

function offer(codec = 'video/H264'): Promise<string> {
  return page.evaluate(`(${MAKE_OFFER})('${codec}')`);
}

async function accept(answer: string): Promise<void> {
  await page.evaluate(`connection.setRemoteDescription({ type: 'answer', sdp: ${JSON.stringify(answer)} })`);
}

const painted = (): Promise<number> =>
  page.evaluate("document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames");

describe.skipIf(!hasGstRtspServer)('a browser that takes pictures straight from the edge', () => {
  it('shows moving pictures, and they end when the lease is not renewed', async () => {
    const { direct, released } = await camera();
    const { answer } = await direct.open({
      ...{ deviceId: 'camera-1', stream: 'main', sessionId: 'session-1', leaseMs: LEASE_MS },
      offer: await offer(),
    });
    expect(answer).toMatch(/^a=ice-lite/m);
    await accept(answer);
    await waitFor('20 pictures', async () => (await painted()) >= 20 || undefined, 30_000);
    direct.renew('session-1', 1000);
    await waitFor('the end', () => direct.sessions === 0, 10_000);
    expect(released()).toBe(1);
    expect(() => direct.renew('session-1', 1000)).toThrow(/no direct session/);
  });

  it('names no address but the allowed one, and nothing of the viewer is looked up or dialled', async () => {
    const { direct } = await camera();
    const { answer } = await direct.open({
      ...{ deviceId: 'camera-1', stream: 'main', sessionId: 'session-2', leaseMs: LEASE_MS },
      offer: (await offer()).replace(/(a=mid:0)/, 'a=candidate:1 1 udp 2113937151 203.0.113.9 9 typ host\r\n$1'),
    });
    const named = [...answer.matchAll(/^a=candidate:\S+ \d \w+ \d+ (\S+)/gm)].map(([, address]) => address);
    expect(new Set(named)).toEqual(new Set(['127.0.0.1']));
    expect(answer).not.toContain('203.0.113.9');
  });

  it('is refused with a reason where it takes no H.264, beyond the limit, and with nonsense', async () => {
    const { direct, released } = await camera();
    const about = { deviceId: 'camera-1', stream: 'main', leaseMs: LEASE_MS } as const;
    const vp8 = await offer('video/VP8');
    await expect(direct.open({ ...about, sessionId: 'vp8', offer: vp8 })).rejects.toMatchObject({
      code: 'STREAM_UNSUPPORTED',
    });
    const nonsense = 'v=0\r\nm=video 9 x\r\na=rtpmap:96 H264/90000\r\n';
    await expect(direct.open({ ...about, sessionId: 'nonsense', offer: nonsense })).rejects.toMatchObject({
      code: 'STREAM_UNSUPPORTED',
    });
    expect(released()).toBe(1);
    const h264 = await offer();
    await direct.open({ ...about, sessionId: 'one', offer: h264 });
    await direct.open({ ...about, sessionId: 'two', offer: h264 });
    await expect(direct.open({ ...about, sessionId: 'two', offer: h264 })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(direct.open({ ...about, sessionId: 'three', offer: h264 })).rejects.toMatchObject({
      code: 'LIMIT_REACHED',
    });
  });
});
