import { afterEach, describe, expect, it } from 'vitest';
import { MediaStream, type MediaStreamOptions } from '../../edge/media/stream.ts';
import { systemClock } from '../../platform/clock.ts';
import { buildRequest } from '../../protocols/rtsp/build.ts';
import { header } from '../../protocols/rtsp/message.ts';
import { PPS, SPS_360P, slice } from '../support/h264.ts';
import { RecordingLog } from '../support/recording-log.ts';
import {
  H264_SDP,
  reply,
  type Script,
  type ScriptedClient,
  ScriptedRtspServer,
} from '../support/scripted-rtsp-server.ts';
import { StreamRecorder } from '../support/stream-recorder.ts';
import { waitFor } from '../support/wait.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(script: Script): Promise<ScriptedRtspServer> {
  const server = new ScriptedRtspServer(script);
  await server.start();
  cleanups.push(() => server.stop());
  return server;
}

function pull(url: string, options: Partial<MediaStreamOptions> = {}) {
  const limits = {
    responseTimeoutMs: 1_000,
    silenceMs: 5_000,
    refusedWaitMs: 60_000,
    backoff: { firstMs: 30, maxMs: 60 },
  };
  const stream = new MediaStream({ clock: systemClock, log: new RecordingLog(), url, limits, ...options });
  const recorder = new StreamRecorder();
  stream.subscribe(recorder);
  stream.start();
  cleanups.push(() => stream.stop());
  return { stream, recorder };
}

const picture = (client: ScriptedClient): void => client.frame([SPS_360P, PPS, slice('idr')], 0);
const DIGEST = { algorithm: 'MD5', qop: true, user: 'u', password: 'p' } as const;

/** Sends whoever describes to another address. */
function redirecting(location: () => string, status = 302): Script {
  return {
    onRequest: (request, client) => {
      if (request.method !== 'DESCRIBE') return false;
      reply(client, request, status, [['Location', location()]]);
      return true;
    },
  };
}

describe('redirects', () => {
  it.each([301, 302, 303, 305, 307, 308])('%i leads to the new address', async (status) => {
    const target = await serve({ onPlay: picture });
    const first = await serve(redirecting(() => target.url, status));
    const { recorder } = pull(first.url);
    await waitFor('a picture', () => recorder.fragments.length > 0);
    expect(target.methods()).toContain('PLAY');
  });

  it('a path leads to the same device, with the password', async () => {
    const server = await serve({
      auth: DIGEST,
      onPlay: picture,
      onRequest: (request, client) => {
        if (request.method !== 'DESCRIBE' || request.uri.endsWith('/new')) return false;
        reply(client, request, 302, [['Location', '/new']]);
        return true;
      },
    });
    const { recorder } = pull(server.url, { username: 'u', password: 'p' });
    await waitFor('a picture', () => recorder.fragments.length > 0);
    expect(server.clients.at(-1)?.requests.some(({ uri }) => uri.includes('/new'))).toBe(true);
  });

  it('no password goes to another host', async () => {
    const target = await serve({ auth: DIGEST, onPlay: picture });
    const elsewhere = target.url.replace('127.0.0.1', 'localhost');
    const first = await serve(redirecting(() => elsewhere));
    const { recorder } = pull(first.url, { username: 'u', password: 'p' });
    await waitFor('the refusal', () => recorder.states.includes('failed refused-credentials'));
    const requests = target.clients.flatMap((client) => client.requests);
    expect(requests.length).toBeGreaterThan(0);
    expect(requests.every((request) => header(request, 'authorization') === null)).toBe(true);
  });

  it('three are followed, not four', async () => {
    const loop: ScriptedRtspServer = await serve(redirecting(() => loop.url));
    const { recorder } = pull(loop.url);
    await waitFor('the end of patience', () => recorder.states.includes('failed refused'));
    expect(loop.methods().filter((method) => method === 'DESCRIBE')).toHaveLength(4);
  });

  it('leads nowhere that may not be dialled, nor does a name', async () => {
    const target = await serve({ onPlay: picture });
    const first = await serve(redirecting(() => target.url.replace('127.0.0.1', '127.0.0.2')));
    const only = { isAllowed: (address: string) => address === '127.0.0.1' };
    const sent = pull(first.url, only);
    await waitFor('the refusal', () => sent.recorder.states.includes('failed address-not-allowed'));
    const named = pull(target.url.replace('127.0.0.1', 'localhost'), {
      isAllowed: (address) => address === '127.0.0.9',
    });
    await waitFor('the refusal', () => named.recorder.states.includes('failed address-not-allowed'));
    expect(target.clients).toHaveLength(0);
    const allowed = pull(target.url.replace('127.0.0.1', 'localhost'), only);
    await waitFor('a picture', () => allowed.recorder.fragments.length > 0);
  });

  it('a REDIRECT while it plays is followed', async () => {
    const target = await serve({ onPlay: picture });
    const first = await serve({
      onPlay: (client) => {
        picture(client);
        client.socket.write(
          buildRequest('REDIRECT', first.url, [
            ['CSeq', 7],
            ['Location', target.url],
          ]),
        );
      },
    });
    const { recorder } = pull(first.url);
    await waitFor('a picture of the second', () => recorder.fragments.length === 2);
    expect(recorder.states.some((state) => state.startsWith('failed'))).toBe(false);
    expect(first.methods()).toContain('TEARDOWN');
  });
});

describe('addresses in the description', () => {
  it.each([
    ['a base without scheme', (server: ScriptedRtspServer) => `127.0.0.1:${server.port}/other/`, '/other/track1'],
    ['a path as base', () => '/other/', '/other/track1'],
    ['no base', () => '', '/cam?channel=1/track1'],
  ])('%s', async (_, base, wanted) => {
    const server = await serve({
      onPlay: picture,
      onRequest: (request, client) => {
        if (request.method !== 'DESCRIBE') return false;
        reply(client, request, 200, [['Content-Base', base(server)]], H264_SDP);
        return true;
      },
    });
    const { recorder } = pull(server.url);
    await waitFor('a picture', () => recorder.fragments.length > 0);
    const setUp = server.clients[0]?.requests.find(({ method }) => method === 'SETUP');
    expect(setUp?.uri).toBe(`rtsp://127.0.0.1:${server.port}${wanted}`);
  });
});
