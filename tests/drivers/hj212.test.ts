import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VirtualStation } from '../../demo/station/virtual-station.ts';
import type { DriverStatus } from '../../edge/devices/driver.ts';
import type { Hj212Refusal } from '../../edge/drivers/hj212/exchange.ts';
import { Hj212Receiver } from '../../edge/drivers/hj212/receiver.ts';
import { loadProfiles } from '../../edge/profiles/load.ts';
import { DeviceReporter } from '../../edge/profiles/reporter.ts';
import { silentLog } from '../../platform/log.ts';
import { frameAround } from '../../protocols/hj212/build.ts';
import { crcModbus } from '../../protocols/hj212/crc.ts';
import { FrameReader } from '../../protocols/hj212/frame-reader.ts';
import { type Hj212Segment, parseSegment } from '../../protocols/hj212/segment.ts';
import { formatTime } from '../../protocols/hj212/time.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemorySink } from '../support/memory-sink.ts';
import { waitFor } from '../support/wait.ts';

const catalog = loadProfiles(join(import.meta.dirname, '..', '..', 'device-profiles'));
const MN = 'SE0000000000000000000001';

let clock: FakeClock;
let sink: MemorySink;
let receiver: Hj212Receiver;
let refusals: Hj212Refusal[];
let statuses: Map<string, DriverStatus>;
const peers: Peer[] = [];

function station(
  deviceId: string,
  mn: string,
  options: { password?: string; supervisionMs?: number; tolerant?: boolean } = {},
): void {
  const profile = catalog.get('generic/hj212-dust-noise');
  receiver.add({
    mn,
    deviceId,
    reporter: new DeviceReporter({ deviceId, profile, holdRepeats: true, events: sink, samples: sink, clock }),
    password: options.password ?? null,
    supervisionMs: options.supervisionMs ?? null,
    tolerateBadCrc: options.tolerant ?? false,
    utcOffsetMinutes: 480,
  });
}

beforeEach(async () => {
  clock = new FakeClock();
  sink = new MemorySink();
  refusals = [];
  statuses = new Map();
  receiver = new Hj212Receiver({
    host: '127.0.0.1',
    port: 0,
    clock,
    log: silentLog,
    onStatus: (deviceId, status) => statuses.set(deviceId, status),
    onRefused: (refusal) => refusals.push(refusal),
    limits: { garbageBytes: 4096 },
  });
  await receiver.start();
  station('dust', MN);
});

afterEach(async () => {
  for (const peer of peers.splice(0)) peer.socket.destroy();
  await receiver.stop();
});

/** A station's connection, byte by byte. */
class Peer {
  readonly socket: Socket = connect(receiver.port, '127.0.0.1');
  readonly answers: Hj212Segment[] = [];
  readonly #reader = new FrameReader();

  constructor() {
    peers.push(this);
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk) => {
      for (const item of this.#reader.push(chunk)) {
        if (item.kind === 'frame') this.answers.push(parseSegment(item.frame.segment));
      }
    });
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  async ask(bytes: Uint8Array, answers = 1): Promise<Hj212Segment[]> {
    const before = this.answers.length;
    this.send(bytes);
    await waitFor('an answer', () => this.answers.length >= before + answers);
    return this.answers.slice(before);
  }
}

let uploads = 0;
/** An upload; each call is another message. */
function upload(
  content: string,
  over: { cn?: string; flag?: string; mn?: string; pw?: string; qn?: string; measured?: string } = {},
): Uint8Array {
  uploads += 1;
  const qn = over.qn ?? formatTime(clock.nowMs() + uploads, 480);
  const { cn = '2011', flag = '5', mn = MN, pw = '310000' } = over;
  const text = `QN=${qn};ST=39;CN=${cn};PW=${pw};MN=${mn};Flag=${flag};CP=&&DataTime=${over.measured ?? qn.slice(0, 14)};${content}&&`;
  return frameAround(new TextEncoder().encode(text));
}

const DUST = 'a34002-Rtd=180,a34002-Flag=N';
const CLEAN = 'a34002-Rtd=40,a34002-Flag=N';

describe('an answer is a promise', () => {
  test('9014 with the number of the upload leaves only after the event is committed', async () => {
    const release = sink.hold();
    const peer = new Peer();
    peer.send(upload(DUST, { qn: '20260101080000001' }));
    await waitFor('the commit to begin', () => sink.begun === 1);
    // Another station is served meanwhile: it shows that there was time to answer the first.
    station('other', 'O1');
    await new Peer().ask(upload('a01002-Rtd=50', { mn: 'O1' }));
    expect(peer.answers).toEqual([]);
    release();
    await waitFor('the answer', () => peer.answers.length === 1);
    const answer = { qn: '20260101080000001', st: '91', cn: '9014', mn: MN, password: '310000', wantsAnswer: false };
    expect(peer.answers[0]).toMatchObject({ ...answer, edition: '2017' });
    expect(sink.told).toEqual(['dust.high active']);
    expect(sink.events[0]?.deviceAtMs).toBe(clock.nowMs());
  });

  test('no answer when the commit fails; the repetition is stored', async () => {
    sink.failure = new Error('the disk is full');
    const peer = new Peer();
    const frame = upload(DUST);
    peer.send(frame);
    await waitFor('the refusal', () => refusals.length === 1);
    expect(refusals[0]?.reason).toBe('not-stored');
    sink.failure = null;
    expect((await peer.ask(frame))[0]?.cn).toBe('9014');
    expect(peer.answers).toHaveLength(1);
    expect(sink.told).toEqual(['dust.high active']);
  });

  test('a repetition is answered and its values are not stored twice', async () => {
    const peer = new Peer();
    const frame = upload(CLEAN);
    await peer.ask(frame);
    await peer.ask(frame);
    expect(sink.samples).toHaveLength(1);
    await peer.ask(upload(CLEAN));
    expect(sink.samples).toHaveLength(2);
  });

  test('a clock that stands still makes no repetitions of what is new', async () => {
    const peer = new Peer();
    for (const content of [CLEAN, DUST, CLEAN, DUST]) await peer.ask(upload(content, { qn: '20260101080000001' }));
    expect(sink.told).toEqual(['dust.high cleared', 'dust.high active']);
    expect(sink.samples.map(({ value }) => value)).toEqual([40, 180]);
  });

  test('who wants no answer gets none', async () => {
    const peer = new Peer();
    peer.send(upload(DUST, { flag: '4' }));
    await waitFor('the event', () => sink.told.length === 1);
    await peer.ask(upload(CLEAN));
    expect(peer.answers).toHaveLength(1);
  });
});

describe('what stations send', () => {
  test('several messages in one piece, and one in a hundred, with rubbish between them', async () => {
    const peer = new Peer();
    await peer.ask(Buffer.concat([upload(CLEAN), Buffer.from('nonsense'), upload(DUST)]), 2);
    peer.socket.setNoDelay(true);
    for (const byte of upload(CLEAN)) peer.send(Uint8Array.of(byte));
    await waitFor('the third answer', () => peer.answers.length === 3);
    expect(sink.told).toEqual(['dust.high cleared', 'dust.high active', 'dust.high cleared']);
    expect(receiver.counters()['garbageBytes']).toBe(8);
  });

  test('parts of a message that was split are stored and answered each', async () => {
    const peer = new Peer();
    const qn = '20260101080000777';
    const answers = [
      ...(await peer.ask(upload(DUST, { qn, flag: '7;PNUM=2;PNO=1' }))),
      ...(await peer.ask(upload('LA-Rtd=80', { qn, flag: '7;PNUM=2;PNO=2' }))),
    ];
    expect(answers.map(({ cn }) => cn)).toEqual(['9014', '9014']);
    expect(sink.told).toEqual(['dust.high active', 'noise.high active']);
  });

  test('the other check of the field is taken, a wrong one is not unless the site says so', async () => {
    station('old', 'OLD1', { tolerant: true });
    const withCheck = (frame: Uint8Array, check: string): Uint8Array =>
      Buffer.concat([frame.subarray(0, -6), Buffer.from(`${check}\r\n`)]);
    const modbus = upload(DUST);
    const check = crcModbus(modbus.subarray(6, -6)).toString(16).padStart(4, '0');
    const peer = new Peer();
    await peer.ask(withCheck(modbus, check));
    peer.send(withCheck(upload(CLEAN), '0000'));
    await peer.ask(withCheck(upload(CLEAN, { mn: 'old1' }), '0000'));
    expect(refusals.map(({ reason, mn }) => [reason, mn])).toEqual([['bad-crc', MN]]);
    expect(sink.events.map(({ deviceId, state }) => `${deviceId} ${state}`)).toEqual(['dust active', 'old cleared']);
  });

  test('its clock is compared with ours, ten hours off is said and changes nothing else', async () => {
    await new Peer().ask(upload(DUST, { qn: formatTime(clock.nowMs() - 36_000_000, 480) }));
    expect(statuses.get('dust')).toEqual({ online: true, reason: 'ok', clockOffsetMs: -36_000_000 });
    expect(sink.events[0]?.edgeAtMs).toBe(clock.nowMs());
  });

  test('who asks for the time gets it', async () => {
    const answers = await new Peer().ask(upload('PolId=1', { cn: '1013', qn: '20260101080000123' }), 2);
    expect(answers.map(({ cn, st }) => `${cn} ${st}`)).toEqual(['9013 91', '1012 39']);
    expect(answers[1]?.params).toEqual({ PolId: '1', SystemTime: '20260101080000' });
    expect(sink.begun).toBe(0);
  });

  test('a maintained instrument raises nothing, a mean and values of the past neither', async () => {
    const peer = new Peer();
    await peer.ask(upload('a34002-Rtd=900,a34002-Flag=M'));
    await peer.ask(upload('a34002-Avg=900,a34002-Flag=N', { cn: '2061' }));
    await peer.ask(upload('a34002-Rtd=900', { measured: '20260101030000' }));
    expect(sink.told).toEqual([]);
    expect(sink.samples).toEqual([]);
  });
});

describe('who may report', () => {
  test('a number that nobody registered is named and not answered', async () => {
    const peer = new Peer();
    peer.send(upload(DUST, { mn: 'STRANGER' }));
    await peer.ask(upload(CLEAN));
    expect(peer.answers).toHaveLength(1);
    expect(refusals).toMatchObject([{ reason: 'unknown-station', mn: 'STRANGER' }]);
  });

  test('a password that was set has to be right', async () => {
    station('secret', 'S1', { password: '123456' });
    const peer = new Peer();
    peer.send(upload(DUST, { mn: 'S1', pw: '654321' }));
    await waitFor('the refusal', () => refusals.length === 1);
    expect(statuses.get('secret')).toMatchObject({ online: false, reason: 'refused-credentials' });
    // Whoever guesses waits, also on another connection; other stations at its address do not.
    new Peer().send(upload(CLEAN, { mn: 'S1', pw: '123456' }));
    await waitFor('the second refusal', () => refusals.length === 2);
    await peer.ask(upload('a01002-Rtd=50'));
    expect(sink.told).toEqual([]);
    await clock.advance(2000);
    await peer.ask(upload(CLEAN, { mn: 'S1', pw: '123456' }));
    expect(statuses.get('secret')).toMatchObject({ online: true, reason: 'ok' });
    expect(refusals.map(({ reason }) => reason)).toEqual(['wrong-password', 'wrong-password']);
    expect(JSON.stringify(refusals)).not.toContain('123456');
    expect(sink.told).toEqual(['dust.high cleared']);
  });

  test('who is refused all the time is cut off, and a stranger cannot speak ill of a station that works', async () => {
    station('secret', 'S1', { password: '123456' });
    await new Peer().ask(upload(CLEAN, { mn: 'S1', pw: '123456' }));
    const stranger = new Peer();
    const closed = new Promise((resolve) => stranger.socket.once('close', resolve));
    stranger.send(Buffer.concat(Array.from({ length: 60 }, (_, index) => upload(DUST, { mn: `X${index}` }))));
    await closed;
    expect(refusals).toHaveLength(50);
    new Peer().send(upload(DUST, { mn: 'S1', pw: '0' }));
    await waitFor('the refusal', () => refusals.at(-1)?.reason === 'wrong-password');
    expect(statuses.get('secret')).toMatchObject({ online: true, reason: 'ok' });
  });

  test('an address has a bounded number of connections', async () => {
    await receiver.stop();
    const options = { host: '127.0.0.1', port: 0, clock, log: silentLog };
    receiver = new Hj212Receiver({ ...options, limits: { connectionsPerAddress: 2 } });
    await receiver.start();
    station('dust', MN);
    const [first, second] = [new Peer(), new Peer()];
    await first.ask(upload(CLEAN));
    await second.ask(upload(CLEAN));
    const third = new Peer();
    await new Promise((resolve) => third.socket.once('close', resolve));
    second.socket.destroy();
    await waitFor('its place', () => receiver.counters()['connections'] === 1);
    await new Peer().ask(upload(CLEAN));
  });

  test('a program that speaks something else is cut off, and its neighbour goes on', async () => {
    const neighbour = new Peer();
    await neighbour.ask(upload(CLEAN));
    const stranger = new Peer();
    const closed = new Promise((resolve) => stranger.socket.once('close', resolve));
    stranger.send(Buffer.alloc(10_000, 0x41));
    await closed;
    await neighbour.ask(upload(DUST));
    expect(sink.told).toEqual(['dust.high cleared', 'dust.high active']);
  });
});

describe('supervision', () => {
  test('a silent station is told, once, and so is its return', async () => {
    station('watched', 'W1', { supervisionMs: 60_000 });
    const peer = new Peer();
    await peer.ask(upload(CLEAN, { mn: 'W1' }));
    await clock.advance(300_000);
    await waitFor('its silence', () => sink.told.includes('supervision.lost active'));
    expect(statuses.get('watched')).toMatchObject({ online: false, reason: 'supervision-lost' });
    await peer.ask(upload(CLEAN, { mn: 'W1' }));
    await waitFor('its return', () => sink.told.at(-1) === 'supervision.lost cleared');
    expect(sink.told.filter((line) => line === 'supervision.lost active')).toHaveLength(1);
  });
});

test('the virtual station is believed, also when it comes again on another connection', async () => {
  const options = { receiver: { address: '127.0.0.1', port: receiver.port }, address: '127.0.0.3', mn: MN };
  const begin = (): VirtualStation =>
    new VirtualStation({ ...options, password: '310000', periodMs: 30_000, log: silentLog, clock });
  const virtual = begin();
  expect(await virtual.upload()).toBe(true);
  virtual.values['LA'] = 82;
  await clock.advance(1000);
  expect(await virtual.upload()).toBe(true);
  virtual.stop();
  expect(await virtual.upload()).toBe(false);
  await clock.advance(1000);
  const again = begin();
  expect(await again.upload()).toBe(true);
  again.stop();
  expect(sink.told.filter((line) => line.startsWith('noise'))).toEqual([
    'noise.high cleared',
    'noise.high active',
    'noise.high cleared',
  ]);
});

test('two receivers on one port are refused with a plain sentence', async () => {
  const second = new Hj212Receiver({ host: '127.0.0.1', port: receiver.port, clock, log: silentLog });
  await expect(second.start()).rejects.toMatchObject({ code: 'PORT_TAKEN' });
});
