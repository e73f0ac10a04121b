import { beforeEach, describe, expect, test } from 'vitest';
import type { PtzPreset } from '../../../../contract/command.ts';
import { SharpEyesError } from '../../../../contract/errors.ts';
import type { PtzHead, PtzSpeed } from '../../../../edge/devices/driver.ts';
import { Ptz } from '../../../../edge/ptz/ptz.ts';
import { silentLog } from '../../../../platform/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

/** A camera that answers when the test lets it. */
class SlowHead implements PtzHead {
  readonly heard: string[] = [];
  /** Failures of the next calls, by what they are. */
  failures: Partial<Record<'move' | 'stop', SharpEyesError[]>> = {};
  /** Calls that are answered only when released. */
  holds: RegExp | null = null;
  #waiting: (() => void)[] = [];

  release(): void {
    this.holds = null;
    for (const go of this.#waiting.splice(0)) go();
  }

  async #say(what: string, kind?: 'move' | 'stop'): Promise<void> {
    this.heard.push(what);
    if (this.holds?.test(what) === true) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const failure = kind === undefined ? undefined : this.failures[kind]?.shift();
    if (failure !== undefined) throw failure;
  }

  move({ pan, tilt, zoom }: PtzSpeed, timeoutMs: number): Promise<void> {
    return this.#say(`move ${pan} ${tilt} ${zoom} for ${timeoutMs}`, 'move');
  }

  stop(): Promise<void> {
    return this.#say('stop', 'stop');
  }

  async presets(): Promise<PtzPreset[]> {
    await this.#say('presets');
    return [{ token: '1', name: 'Gate' }];
  }

  goto(token: string): Promise<void> {
    return this.#say(`goto ${token}`);
  }

  async remember(name: string, token: string | null): Promise<PtzPreset> {
    await this.#say(`remember ${name}`);
    return { token: token ?? '1', name };
  }

  forget(token: string): Promise<void> {
    return this.#say(`forget ${token}`);
  }
}

const UNREACHABLE = new SharpEyesError('DEVICE_UNREACHABLE', 'gone');
let clock: FakeClock;
let head: SlowHead;
let ptz: Ptz;
let removed: boolean;

beforeEach(() => {
  clock = new FakeClock();
  head = new SlowHead();
  removed = false;
  ptz = new Ptz({
    head: () => {
      if (removed) throw new SharpEyesError('DEVICE_UNKNOWN', 'taken out of service');
      return head;
    },
    ...{ clock, log: silentLog },
  });
});

const stops = (): number => head.heard.filter((what) => what === 'stop').length;
const order = (pan: number, timeoutMs = 1000) => ({ deviceId: 'c1', pan, tilt: 0, zoom: 0, timeoutMs });

test('a movement that nobody renews is stopped by the edge', async () => {
  await ptz.move(order(0.5));
  for (let i = 0; i < 4; i++) {
    await clock.advance(500);
    await ptz.move(order(0.5));
  }
  expect(head.heard).not.toContain('stop');
  await clock.advance(999);
  expect(head.heard).not.toContain('stop');
  await clock.advance(1);
  expect(head.heard.at(-1)).toBe('stop');
  expect(clock.timers).toBe(0);
});

test('the camera is told a time beyond our own, so that it stops even when this edge dies', async () => {
  await ptz.move(order(1, 800));
  expect(head.heard).toEqual(['move 1 0 0 for 1800']);
});

test('while the camera is slow, only the last wish is carried out', async () => {
  head.holds = /./;
  const all = [0.1, 0.2, 0.3, 0.4].map((pan) => ptz.move(order(pan)));
  const halted = ptz.halt('c1');
  await clock.advance(0);
  expect(head.heard).toEqual(['move 0.1 0 0 for 2000']);
  head.release();
  await Promise.all([...all, halted]);
  expect(head.heard).toEqual(['move 0.1 0 0 for 2000', 'stop']);
});

test('the same speed is not said again with every repetition', async () => {
  for (let i = 0; i < 4; i++) {
    await ptz.move(order(0.5));
    await clock.advance(100);
  }
  expect(head.heard).toHaveLength(1);
  await ptz.move(order(-0.5));
  expect(head.heard).toEqual(['move 0.5 0 0 for 2000', 'move -0.5 0 0 for 2000']);
});

test('a stop that was not heard is said again', async () => {
  await ptz.move(order(1));
  head.failures.stop = [UNREACHABLE, UNREACHABLE];
  const halted = ptz.halt('c1');
  await clock.advance(5000);
  await halted;
  expect(head.heard.filter((what) => what === 'stop')).toHaveLength(3);
});

test('a refused password is not tried on and on', async () => {
  await ptz.move(order(1));
  head.failures.stop = Array.from({ length: 9 }, () => new SharpEyesError('DEVICE_REFUSED_CREDENTIALS', 'no'));
  await expect(ptz.halt('c1')).rejects.toMatchObject({ code: 'DEVICE_REFUSED_CREDENTIALS' });
  expect(head.heard.filter((what) => what === 'stop')).toHaveLength(1);
});

test('a movement whose answer was lost is stopped all the same', async () => {
  head.failures.move = [UNREACHABLE];
  await expect(ptz.move(order(1))).rejects.toMatchObject({ code: 'DEVICE_UNREACHABLE' });
  await clock.advance(1000);
  expect(head.heard.at(-1)).toBe('stop');
});

test('presets wait for the movement before them, and are bounded', async () => {
  head.holds = /./;
  const moving = ptz.move(order(1));
  const first = ptz.presets('c1');
  const others = Array.from({ length: 7 }, () => ptz.goto('c1', '2'));
  await expect(ptz.goto('c1', '3')).rejects.toMatchObject({ code: 'LIMIT_REACHED' });
  head.release();
  await moving;
  expect(await first).toEqual([{ token: '1', name: 'Gate' }]);
  await Promise.all(others);
  expect(head.heard.slice(0, 3)).toEqual(['move 1 0 0 for 2000', 'presets', 'goto 2']);
});

test('when the edge stops, so do its cameras; one that stands still is left alone', async () => {
  await ptz.move(order(1));
  await ptz.stop();
  expect(head.heard.at(-1)).toBe('stop');
  await ptz.stop();
  await ptz.presets('c1');
  await ptz.stop();
  expect(head.heard.filter((what) => what === 'stop')).toHaveLength(1);
});

describe('a camera that moves and does not hear that it shall stop', () => {
  const unreachable = (times: number): SharpEyesError[] => Array.from({ length: times }, () => UNREACHABLE);

  test('is told until it hears', async () => {
    head.failures.stop = unreachable(12);
    await ptz.move(order(1));
    await clock.advance(60_000);
    expect(stops()).toBe(13);
    expect(clock.timers).toBe(0);
    await clock.advance(60_000);
    expect(stops()).toBe(13);
  });

  test('whoever stopped it is told soon, and it is told on', async () => {
    head.failures.stop = unreachable(6);
    await ptz.move(order(1));
    const halted = ptz.halt('c1');
    const refused = expect(halted).rejects.toMatchObject({ code: 'DEVICE_UNREACHABLE' });
    await clock.advance(1500);
    await refused;
    expect(stops()).toBe(4);
    await clock.advance(10_000);
    expect([stops(), clock.timers]).toEqual([7, 0]);
  });

  test('is told every five seconds at the most seldom, and for two minutes', async () => {
    head.failures.stop = unreachable(1000);
    await ptz.move(order(1));
    await clock.advance(118_000);
    const soFar = stops();
    expect(soFar).toBeGreaterThanOrEqual(4 + 110_000 / 5000);
    await clock.advance(5000);
    expect(stops()).toBeGreaterThan(soFar);
    await clock.advance(10_000);
    expect(clock.timers).toBe(0);
  });

  test('is not told any more once it is turned again', async () => {
    head.failures.stop = unreachable(4);
    await ptz.move(order(1));
    await clock.advance(2500);
    expect(stops()).toBe(4);
    await ptz.move(order(-1, 10_000));
    await clock.advance(9000);
    expect(stops()).toBe(4);
  });

  test('is left alone on its way to a position', async () => {
    head.failures.stop = unreachable(4);
    await ptz.move(order(1));
    await clock.advance(2500);
    head.holds = /goto/;
    const going = ptz.goto('c1', '2');
    await clock.advance(5000);
    head.release();
    await going;
    await clock.advance(10_000);
    expect([stops(), clock.timers]).toEqual([4, 0]);
  });

  test('is not told with a password that it refuses', async () => {
    head.failures.stop = [...unreachable(5), new SharpEyesError('DEVICE_REFUSED_CREDENTIALS', 'no')];
    await ptz.move(order(1));
    await clock.advance(60_000);
    expect([stops(), clock.timers]).toEqual([6, 0]);
  });

  test('is not told once it was taken out of service', async () => {
    head.failures.stop = unreachable(1000);
    await ptz.move(order(1));
    await clock.advance(2500);
    removed = true;
    await clock.advance(10_000);
    expect([stops(), clock.timers]).toEqual([4, 0]);
  });

  test('does not keep the edge from stopping', async () => {
    head.failures.stop = unreachable(1000);
    await ptz.move(order(1));
    await clock.advance(2500);
    const ended = ptz.stop();
    await clock.advance(1500);
    await ended;
    expect([stops(), clock.timers]).toEqual([8, 0]);
  });
});

test('a stop and a movement wait for no list of positions', async () => {
  head.holds = /presets/;
  const listed = ptz.presets('c1');
  await ptz.move(order(1));
  await ptz.halt('c1');
  expect(head.heard).toEqual(['presets', 'move 1 0 0 for 2000', 'stop']);
  head.release();
  await listed;
});

test('while a position is written down the camera may be stopped, but not turned', async () => {
  await ptz.move(order(1));
  head.holds = /remember/;
  const written = ptz.remember('c1', 'Gate', null);
  await ptz.halt('c1');
  const moving = ptz.move(order(-1));
  await clock.advance(100);
  expect(head.heard).toEqual(['move 1 0 0 for 2000', 'remember Gate', 'stop']);
  head.release();
  await Promise.all([written, moving]);
  expect(head.heard.at(-1)).toBe('move -1 0 0 for 2000');
});
