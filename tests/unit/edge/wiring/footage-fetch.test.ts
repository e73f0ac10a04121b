import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FootageFetch } from '../../../../edge/wiring/footage-fetch.ts';
import { silentLog } from '../../../../platform/log.ts';
import { closeServer } from '../../../../platform/net/listen.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { waitFor } from '../../../support/wait.ts';

const ZEROS = '0'.repeat(64);
const REF = { deviceId: 'cam', stream: 'main' } as const;
const TIMES = { startAtMs: 0, endAtMs: 1000, bytes: 10, frames: 1 };
const SEGMENT = {
  path: '/nowhere/segment.mp4',
  record: { ...REF, ...TIMES, sequence: 1, sha256: ZEROS, previous: ZEROS, hash: ZEROS },
};

/** A hub that takes requests and never answers. */
const hub = createServer(() => undefined);
let clock: FakeClock;
let footage: FootageFetch;

beforeEach(async () => {
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  clock = new FakeClock();
  footage = new FootageFetch({
    recording: {
      segmentsBetween: async () => [SEGMENT],
      timeline: async () => ({ ...REF, fromMs: 0, toMs: 1000, ranges: [], gaps: [] }),
    },
    identity: {
      ...{ edgeId: 'edge-1', secret: 'secret', caPem: null },
      hubUrl: `http://127.0.0.1:${(hub.address() as AddressInfo).port}`,
    },
    ...{ clock, log: silentLog },
  });
});
afterEach(async () => {
  footage.stop();
  await waitFor('the end of every upload', () => clock.timers === 0);
  hub.closeAllConnections();
  await closeServer(hub);
});

function ask(requestId: number): Promise<unknown> {
  return footage.fetch({ ...REF, requestId: `r${requestId}`, fromMs: 0, toMs: 1000, uploadPath: '/uploads' });
}

test('sixty-four requests are kept; further ones are refused, one that is known is not', async () => {
  for (let i = 1; i <= 64; i++) await ask(i);
  await expect(ask(65)).rejects.toMatchObject({ code: 'LIMIT_REACHED' });
  await ask(64);
});

test('an upload has its six hours from its turn on', async () => {
  for (let i = 1; i <= 5; i++) await ask(i);
  expect(clock.timers).toBe(4);
  await clock.advance(6 * 3_600_000);
  await waitFor('the turn of the fifth', () => clock.timers === 1);
});
