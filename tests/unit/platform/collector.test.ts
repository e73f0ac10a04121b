import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Collector } from '../../../platform/collector.ts';
import { EDGE_FLAGS, NODE_FLAGS } from '../../../platform/node-flags.ts';
import { PACKAGE_ROOT } from '../../../platform/version.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const MIB = 1024 ** 2;

/** Buffers that are in use, young garbage, and garbage that only a look through everything finds. */
function watched() {
  const clock = new FakeClock();
  const held = { used: 0, young: 0, old: 0 };
  const collector = new Collector({
    clock,
    outsideBytes: () => (held.used + held.young + held.old) * MIB,
    collect: (what) => {
      held.young = 0;
      if (what === 'all') held.old = 0;
    },
  });
  const look = async (): Promise<{ young: number; all: number }> => {
    await clock.advance(1000);
    return { ...collector.collections };
  };
  return { clock, collector, held, look };
}

test('what is young is collected when buffers have grown, later where more is in use', async () => {
  const { collector, held, look } = watched();
  collector.start();
  held.young = 60;
  expect(await look()).toEqual({ young: 0, all: 0 });
  held.used = 20;
  expect(await look()).toEqual({ young: 1, all: 0 });
  expect(await look()).toEqual({ young: 1, all: 0 });
  // 1.15 times the 20 MiB in use and 64 more.
  held.young = 65;
  expect(await look()).toEqual({ young: 1, all: 0 });
  held.young = 70;
  expect(await look()).toEqual({ young: 2, all: 0 });
});

test('everything is collected when that was of no use, and then not for a while', async () => {
  const { collector, held, look } = watched();
  collector.start();
  Object.assign(held, { used: 40, young: 30, old: 20 });
  expect(await look()).toEqual({ young: 1, all: 0 });
  Object.assign(held, { young: 60, old: 60 });
  expect(await look()).toEqual({ young: 2, all: 1 });
  // What was in use has become old by that, and is garbage a little later: room for that is left.
  Object.assign(held, { young: 60, old: 60 });
  expect(await look()).toEqual({ young: 3, all: 1 });
  Object.assign(held, { young: 100, old: 140 });
  expect(await look()).toEqual({ young: 4, all: 2 });
});

test('after a peak less garbage is allowed again', async () => {
  const { collector, held, look } = watched();
  collector.start();
  held.used = 900;
  expect(await look()).toEqual({ young: 1, all: 1 });
  Object.assign(held, { used: 60, old: 0 });
  await look();
  Object.assign(held, { young: 2000 });
  expect(await look()).toEqual({ young: 2, all: 1 });
  Object.assign(held, { young: 100, old: 400 });
  expect(await look()).toEqual({ young: 3, all: 2 });
});

test('it stops looking', async () => {
  const { clock, collector, held, look } = watched();
  collector.start();
  collector.stop();
  held.young = 500;
  expect(await look()).toEqual({ young: 0, all: 0 });
  expect(clock.timers).toBe(0);
});

test('where the collector of Node works in steps it leaves it alone', () => {
  const clock = new FakeClock();
  new Collector({ clock }).start();
  expect(clock.timers).toBe(0);
});

test('in a process that is started as an edge, buffers of gigabytes do not pile up', () => {
  const script = `
    const { Collector } = await import(${JSON.stringify(join(PACKAGE_ROOT, 'platform/collector.ts'))});
    const { systemClock } = await import(${JSON.stringify(join(PACKAGE_ROOT, 'platform/clock.ts'))});
    const collector = new Collector({ clock: systemClock });
    collector.start();
    const kept = [];
    let most = 0;
    for (let i = 0; i < 40; i += 1) {
      for (let n = 0; n < 400; n += 1) {
        kept.push(Buffer.allocUnsafeSlow(131_072));
        if (kept.length > 1000) kept.shift();
      }
      await new Promise((done) => setTimeout(done, 60));
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    }
    console.log(JSON.stringify({ most, ...collector.collections }));
    collector.stop();
  `;
  const args = [...NODE_FLAGS, ...EDGE_FLAGS, '--input-type=module', '-e', script];
  const { most, young, all } = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as never;
  expect(young).toBeGreaterThan(1);
  expect(all).toBeGreaterThan(0);
  // 2 GiB went through it.
  expect(most).toBeLessThan(700 * MIB);
});
