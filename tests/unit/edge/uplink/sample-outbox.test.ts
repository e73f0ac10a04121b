import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Sample } from '../../../../contract/event.ts';
import { OUTBOX_MIGRATIONS } from '../../../../edge/uplink/outbox-storage.ts';
import { SampleOutbox } from '../../../../edge/uplink/sample-outbox.ts';
import { silentLog } from '../../../../platform/log.ts';
import { SqliteDatabase } from '../../../../platform/sqlite/database.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { waitFor } from '../../../support/wait.ts';

let folder = '';
let database: SqliteDatabase;
let clock: FakeClock;
let outbox: SampleOutbox;
let dropped: number;

async function open(maxSamples = 100_000): Promise<void> {
  database = new SqliteDatabase({ file: join(folder, 'outbox.sqlite'), migrations: OUTBOX_MIGRATIONS, log: silentLog });
  await database.start();
  const onDropped = (count: number): void => {
    dropped += count;
  };
  outbox = new SampleOutbox({ database, clock, log: silentLog, maxSamples, pauseMs: 10, onDropped });
  await outbox.start();
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'samples-'));
  clock = new FakeClock();
  dropped = 0;
  await open();
});

afterEach(async () => {
  await outbox.stop();
  await database.stop();
  rmSync(folder, { recursive: true });
});

function sample(value: number): Sample {
  return { deviceId: 'river', quantity: 'level', value, unit: 'm', edgeAtMs: 1 };
}

async function stored(): Promise<number> {
  const [row] = await database.query('SELECT coalesce(sum(samples), 0) AS n FROM sample_batch');
  return Number(row?.['n']);
}

test('samples wait on the disk over an outage and a restart, then go out in order and are forgotten', async () => {
  for (let i = 0; i < 1200; i++) outbox.add(sample(i));
  await clock.advance(1000);
  await waitFor('the samples on the disk', async () => (await stored()) === 1200);
  await outbox.stop();
  await database.stop();
  await open();
  const sent: number[] = [];
  outbox.connected(async (json) => {
    sent.push(...(JSON.parse(json) as { samples: Sample[] }).samples.map(({ value }) => value));
  });
  await waitFor('all samples', async () => {
    await clock.advance(10);
    return sent.length === 1200 && (await stored()) === 0;
  });
  expect(sent).toEqual(Array.from({ length: 1200 }, (_, i) => i));
  expect(dropped).toBe(0);
});

test('a batch that was not received stays', async () => {
  outbox.add(sample(1));
  let attempts = 0;
  outbox.connected(async () => {
    attempts += 1;
    throw new Error('connection lost');
  });
  await clock.advance(1000);
  await waitFor('an attempt', () => attempts > 0);
  expect(await stored()).toBe(1);
});

test('beyond the bound the oldest go and are counted', async () => {
  await outbox.stop();
  await database.stop();
  await open(1000);
  for (let i = 0; i < 5000; i++) {
    outbox.add(sample(i));
    if (i % 100 === 99) await clock.advance(1000);
  }
  await waitFor('the disk to settle', async () => (await stored()) + dropped === 5000 && (await stored()) <= 1000);
  const [row] = await database.query('SELECT json FROM sample_batch ORDER BY position DESC LIMIT 1');
  expect(String(row?.['json'])).toContain('"value":4999');
});
