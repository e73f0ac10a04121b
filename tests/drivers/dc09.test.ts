import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aesCipher } from '../../edge/drivers/sia-dc09/cipher.ts';
import type { Refusal } from '../../edge/drivers/sia-dc09/exchange.ts';
import { type AlarmBoxStatus, Dc09Receiver } from '../../edge/drivers/sia-dc09/receiver.ts';
import { loadProfiles } from '../../edge/profiles/load.ts';
import { DeviceReporter } from '../../edge/profiles/reporter.ts';
import { silentLog } from '../../platform/log.ts';
import { buildMessage, frame, type MessageToBuild, type Sealing } from '../../protocols/sia-dc09/build.ts';
import { decryptMessage } from '../../protocols/sia-dc09/encryption.ts';
import { FrameReader } from '../../protocols/sia-dc09/frame-reader.ts';
import type { Dc09Message } from '../../protocols/sia-dc09/message.ts';
import { parseFrame } from '../../protocols/sia-dc09/parse.ts';
import { parseTimestamp } from '../../protocols/sia-dc09/timestamp.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MemorySink } from '../support/memory-sink.ts';
import { waitFor } from '../support/wait.ts';

const catalog = loadProfiles(join(import.meta.dirname, '..', '..', 'device-profiles'));
const KEY = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';

let clock: FakeClock;
let sink: MemorySink;
let receiver: Dc09Receiver;
let refusals: Refusal[];
let statuses: Map<string, AlarmBoxStatus>;
const panels: Panel[] = [];

function account(
  deviceId: string,
  name: string,
  options: { key?: string; supervisionMs?: number; tolerant?: boolean } = {},
): void {
  const profile = catalog.get('generic/dc09-help-box');
  receiver.add({
    account: name,
    deviceId,
    reporter: new DeviceReporter({ deviceId, profile, holdRepeats: false, events: sink, samples: sink, clock }),
    cipher: options.key === undefined ? null : aesCipher(options.key),
    supervisionMs: options.supervisionMs ?? null,
    tolerateBadCrc: options.tolerant ?? false,
  });
}

beforeEach(async () => {
  clock = new FakeClock();
  sink = new MemorySink();
  refusals = [];
  statuses = new Map();
  receiver = new Dc09Receiver({
    host: '127.0.0.1',
    port: 0,
    clock,
    log: silentLog,
    onStatus: (deviceId, status) => statuses.set(deviceId, status),
    onRefused: (refusal) => refusals.push(refusal),
  });
  await receiver.start();
  account('box', '2A01');
});

afterEach(async () => {
  for (const panel of panels.splice(0)) panel.socket.destroy();
  await receiver.stop();
});

/** A panel on one TCP connection. */
class Panel {
  readonly socket: Socket = connect(receiver.port, '127.0.0.1');
  readonly answers: Dc09Message[] = [];
  readonly #reader = new FrameReader();

  constructor() {
    panels.push(this);
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk) => {
      for (const item of this.#reader.push(chunk)) {
        if (item.kind === 'frame') this.answers.push(parseFrame(item.bytes).message);
      }
    });
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** The next answer after what came before. */
  async ask(bytes: Uint8Array): Promise<Dc09Message> {
    const before = this.answers.length;
    this.send(bytes);
    await waitFor('an answer', () => this.answers.length > before);
    return this.answers[before] as Dc09Message;
  }
}

function help(over: Partial<MessageToBuild> = {}, sealing?: Sealing): Uint8Array {
  const message = { id: 'ADM-CID', sequence: 1, account: '2A01', data: '#2A01|1120 01 001', ...over };
  return buildMessage(message, sealing);
}

describe('an acknowledgement is a promise', () => {
  test('ACK leaves only after the event is committed', async () => {
    const release = sink.hold();
    const panel = new Panel();
    panel.send(help());
    await waitFor('the commit to begin', () => sink.begun === 1);
    // Another panel is served meanwhile: its answer shows that the receiver had the time to answer the first.
    expect((await new Panel().ask(buildMessage({ id: 'NULL', sequence: 1, account: '2A01' }))).id).toBe('ACK');
    expect(panel.answers).toEqual([]);
    release();
    await waitFor('the answer', () => panel.answers.length === 1);
    expect(panel.answers[0]).toMatchObject({ id: 'ACK', sequence: '0001', linePrefix: '0', account: '2A01' });
    expect(sink.told).toEqual(['help.pressed active 001']);
  });

  test('DUH when the commit fails; the repetition is taken as new', async () => {
    sink.failure = new Error('the disk is full');
    const panel = new Panel();
    expect((await panel.ask(help())).id).toBe('DUH');
    sink.failure = null;
    expect((await panel.ask(help())).id).toBe('ACK');
    expect(sink.told).toEqual(['help.pressed active 001']);
    expect(refusals.map(({ reason }) => reason)).toEqual(['not-stored']);
  });

  test('a repetition is acknowledged and not committed twice; the same again after a release is new', async () => {
    const panel = new Panel();
    await panel.ask(help());
    expect((await panel.ask(help())).id).toBe('ACK');
    expect(sink.told).toHaveLength(1);
    await panel.ask(help({ data: '#2A01|3120 01 001' }));
    await panel.ask(help());
    expect(sink.told).toEqual(['help.pressed active 001', 'help.pressed cleared 001', 'help.pressed active 001']);
  });
});

describe('what panels send', () => {
  test('several messages on one connection, in pieces, with rubbish between them', async () => {
    const panel = new Panel();
    const bytes = Buffer.concat([
      help({ sequence: 1, timestampMs: clock.nowMs() + 7000 }),
      Buffer.from([0, 0]),
      Buffer.from('\nnonsense\r'),
      help({ id: 'SIA-DCS', sequence: 2, data: '#2A01|Nri1/BA501' }),
      buildMessage({ id: 'NULL', sequence: 3, account: '2a01' }),
    ]);
    for (let at = 0; at < bytes.length; at += 7) panel.send(bytes.subarray(at, at + 7));
    await waitFor('three answers', () => panel.answers.length === 3);
    expect(panel.answers.map(({ id, sequence }) => `${id} ${sequence}`)).toEqual(['ACK 0001', 'ACK 0002', 'ACK 0003']);
    expect(sink.told).toEqual(['help.pressed active 001', 'burglary active 501']);
    expect(sink.events[0]?.deviceAtMs).toBe(clock.nowMs() + 7000);
    expect(receiver.counters()['not-dc09']).toBe(1);
  });

  test('the same over UDP', async () => {
    const socket = createSocket('udp4');
    const answer = new Promise<Buffer>((resolve) => socket.on('message', resolve));
    socket.send(help(), receiver.port, '127.0.0.1');
    const [item] = new FrameReader().push(await answer);
    socket.close();
    expect(item?.kind === 'frame' ? parseFrame(item.bytes).message.id : null).toBe('ACK');
    expect(sink.told).toEqual(['help.pressed active 001']);
  });

  test('the clock of a panel is compared with ours', async () => {
    await new Panel().ask(
      buildMessage({ id: 'NULL', sequence: 1, account: '2A01', timestampMs: clock.nowMs() - 90_000 }),
    );
    expect(statuses.get('box')).toEqual({ online: true, reason: 'ok', clockOffsetMs: -90_000 });
  });

  test('a message without any event for us is acknowledged', async () => {
    expect((await new Panel().ask(help({ data: '#2A01|3401 01 057' }))).id).toBe('ACK');
    expect(sink.told).toEqual([]);
  });

  test('content nobody can read is DUH, and told once', async () => {
    const panel = new Panel();
    expect((await panel.ask(help({ data: 'rubbish' }))).id).toBe('DUH');
    expect((await panel.ask(help({ id: 'ACME-1', data: '#2A01|x' }))).id).toBe('DUH');
    expect(sink.told).toEqual(['device.garbage pulse']);
  });
});

describe('who may report', () => {
  test('an unknown account gets NAK with our time and is named', async () => {
    const answer = await new Panel().ask(help({ account: 'DEAD', data: '#DEAD|1120 01 001' }));
    expect(answer).toMatchObject({ id: 'NAK', sequence: '0000', receiver: '0', linePrefix: '0A0' });
    expect(parseTimestamp(answer.timestamp)).toBe(clock.nowMs());
    expect(refusals).toMatchObject([{ reason: 'unknown-account', account: 'DEAD', deviceId: null, from: '127.0.0.1' }]);
    expect(sink.begun).toBe(0);
  });

  test('a damaged frame is not answered, unless the panel is known to count wrongly', async () => {
    account('old', 'B00', { tolerant: true });
    const damage = (bytes: Uint8Array): Buffer =>
      Buffer.from(
        Buffer.from(bytes)
          .toString('latin1')
          .replace(/^\n..../, '\nFFFF'),
        'latin1',
      );
    const panel = new Panel();
    panel.send(damage(help()));
    expect((await panel.ask(damage(help({ account: 'B00' })))).account).toBe('B00');
    expect(refusals.map(({ reason }) => reason)).toEqual(['bad-crc']);
    expect(sink.events.map(({ deviceId }) => deviceId)).toEqual(['old']);
  });

  test('a line that never ends is dropped, and the next frame is answered', async () => {
    const panel = new Panel();
    panel.send(Buffer.alloc(100_000, 0x41));
    expect((await panel.ask(Buffer.concat([Buffer.from('\n'), help().subarray(1)]))).id).toBe('ACK');
    expect(receiver.counters()['overlong']).toBe(1);
  });
});

describe('sealed messages', () => {
  const sealing = { cipher: aesCipher(KEY), padding: new Uint8Array(16).fill(9) };
  const sealed = (over: Partial<MessageToBuild> = {}): Uint8Array =>
    help({ account: 'C0DE', data: '#C0DE|1120 01 001', timestampMs: clock.nowMs(), ...over }, sealing);

  beforeEach(() => account('sealed', 'C0DE', { key: KEY }));

  test('are opened, and their answer is sealed', async () => {
    const answer = await new Panel().ask(sealed());
    expect(answer).toMatchObject({ id: 'ACK', encrypted: true, account: 'C0DE' });
    expect(parseTimestamp(decryptMessage(answer, sealing.cipher).timestamp)).toBe(clock.nowMs());
    expect(sink.told).toEqual(['help.pressed active 001']);
  });

  test('are refused when they are old, too new, under another key or in plain', async () => {
    const panel = new Panel();
    const other = { ...sealing, cipher: aesCipher(KEY.replace('00', 'ff')) };
    const attempts = [
      sealed({ timestampMs: clock.nowMs() - 41_000 }),
      sealed({ timestampMs: clock.nowMs() + 21_000 }),
      help({ account: 'C0DE', timestampMs: clock.nowMs() }, other),
      help({ account: 'C0DE' }),
      help({ timestampMs: clock.nowMs() }, sealing),
      frame('"*NULL"0001L0#C0DE[ABC'),
    ];
    for (const bytes of attempts) expect((await panel.ask(bytes)).id).toBe('NAK');
    const reasons = ['clock-off', 'clock-off', 'wrong-key', 'not-sealed', 'no-key', 'wrong-key'];
    expect(refusals.map(({ reason }) => reason)).toEqual(reasons);
    expect(sink.begun).toBe(0);
  });
});

describe('supervision', () => {
  test('a silent box is told, once, and so is its return', async () => {
    account('watched', 'ABC', { supervisionMs: 30_000 });
    const alive = (): Promise<Dc09Message> =>
      new Panel().ask(buildMessage({ id: 'NULL', sequence: 1, account: 'ABC' }));
    await alive();
    await clock.advance(39_000);
    expect(sink.told).toEqual(['supervision.lost cleared']);
    await clock.advance(60_000);
    expect(sink.told).toEqual(['supervision.lost cleared', 'supervision.lost active']);
    expect(statuses.get('watched')).toMatchObject({ online: false, reason: 'supervision-lost' });
    await alive();
    await waitFor('its return', () => sink.told.length === 3);
    expect(sink.told.at(-1)).toBe('supervision.lost cleared');
    expect(statuses.get('watched')).toMatchObject({ online: true, reason: 'ok' });
  });

  test('a loss that could not be stored is told at the next turn', async () => {
    account('watched', 'ABC', { supervisionMs: 5_000 });
    sink.failure = new Error('the disk is full');
    await clock.advance(17_000);
    sink.failure = null;
    expect(sink.told).toEqual([]);
    await clock.advance(1_000);
    expect(sink.told).toEqual(['supervision.lost active']);
  });
});

test('two receivers on one port are refused with a plain sentence', async () => {
  const second = new Dc09Receiver({ host: '127.0.0.1', port: receiver.port, clock, log: silentLog });
  await expect(second.start()).rejects.toMatchObject({ code: 'PORT_TAKEN' });
});
