import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { MediaStream, type StreamSource } from '../../edge/media/stream.ts';
import { createAuthority, createServerCertificate } from '../../hub/identity/certificates.ts';
import { systemClock } from '../../platform/clock.ts';
import { hasGstRtspServer, startGstRtspServer } from '../support/gst-rtsp-server.ts';
import { RecordingLog } from '../support/recording-log.ts';
import { StreamRecorder } from '../support/stream-recorder.ts';
import { waitFor } from '../support/wait.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const LOGIN = { user: 'admin', password: 'vi11age' };
const NUMBERED = { frames: 0, fps: 25, width: 320, height: 240 };

/** GStreamer's own TLS behind a certificate of an authority that is returned. */
async function serve(login: { digest: typeof LOGIN } | { basic: typeof LOGIN }): Promise<{ url: string; ca: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'sharp-eyes-test-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  const authority = await createAuthority('test', Date.now());
  const { cert, key } = await createServerCertificate(authority, ['127.0.0.1'], Date.now());
  const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  await writeFile(tls.cert, cert);
  await writeFile(tls.key, key);
  const server = await startGstRtspServer({ ...NUMBERED, ...login, tls });
  cleanups.push(() => server.stop());
  return { url: server.url, ca: authority.cert };
}

function pull(url: string, source: Partial<StreamSource>) {
  const { user: username, password } = LOGIN;
  const stream = new MediaStream({ clock: systemClock, log: new RecordingLog(), url, username, password, ...source });
  const recorder = new StreamRecorder();
  stream.subscribe(recorder);
  stream.start();
  cleanups.push(() => stream.stop());
  return recorder;
}

describe.skipIf(!hasGstRtspServer)('RTSP over TLS, served by GStreamer', () => {
  it('plays, and shows a password in clear text to a verified device only', async () => {
    const { url, ca } = await serve({ basic: LOGIN });
    expect(url.startsWith('rtsps:')).toBe(true);
    const unverified = pull(url, { trust: 'any' });
    await waitFor('the refusal', () => unverified.states.includes('failed refused-credentials'));
    const strangers = pull(url, { trust: 'system' });
    await waitFor('the refusal of the certificate', () => strangers.states.includes('failed unreachable'));
    const verified = pull(url, { trust: { ca } });
    await waitFor('pictures', () => verified.fragments.length > 10);
  });

  it('signs in with Digest where nobody can verify the certificate, as with cameras', async () => {
    const { url } = await serve({ digest: LOGIN });
    const recorder = pull(url, { trust: 'any' });
    await waitFor('pictures', () => recorder.fragments.length > 10);
  });
});
