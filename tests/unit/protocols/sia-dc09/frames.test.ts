import { createCipheriv, createDecipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { buildAnswer, buildMessage, buildNak, type MessageToBuild } from '../../../../protocols/sia-dc09/build.ts';
import { buildContactId, parseContactId } from '../../../../protocols/sia-dc09/contact-id.ts';
import { crc16Arc } from '../../../../protocols/sia-dc09/crc.ts';
import { decryptMessage } from '../../../../protocols/sia-dc09/encryption.ts';
import { FrameReader } from '../../../../protocols/sia-dc09/frame-reader.ts';
import type { Dc09Cipher } from '../../../../protocols/sia-dc09/message.ts';
import { parseFrame } from '../../../../protocols/sia-dc09/parse.ts';
import { buildSia, parseSia } from '../../../../protocols/sia-dc09/sia.ts';
import { parseTimestamp } from '../../../../protocols/sia-dc09/timestamp.ts';

/** Verified vectors: CRC and length by independent implementations. */
const GOLDEN = [
  'BB86002C"NULL"0001L#7303658550[]_15:39:38,06-07-2019',
  'EA740027"NULL"0000L0#1409[]_20:38:07,08-27-2026',
  '59890012"ACK"0000L0#1409[]',
  '78FC003B"SIA-DCS"0001L#22334455[#22334455|NCQ1]_14:33:53,02-09-2020',
  '3C3B0025"NAK"0000R0L0A0[]_15:39:35,05-07-2019',
];

const AT_MS = Date.UTC(2026, 10, 22, 8, 30, 15);

function aes(key: Buffer): Dc09Cipher {
  const name = `aes-${key.length * 8}-cbc`;
  const iv = Buffer.alloc(16);
  return {
    encrypt: (plain) => {
      const cipher = createCipheriv(name, key, iv).setAutoPadding(false);
      return Buffer.concat([cipher.update(plain), cipher.final()]);
    },
    decrypt: (cipherText) => {
      const decipher = createDecipheriv(name, key, iv).setAutoPadding(false);
      return Buffer.concat([decipher.update(cipherText), decipher.final()]);
    },
  };
}

function unframe(bytes: Uint8Array): Uint8Array {
  expect([bytes[0], bytes.at(-1)]).toEqual([0x0a, 0x0d]);
  return bytes.subarray(1, -1);
}

describe('golden vectors', () => {
  test.each(GOLDEN)('%s', (line) => {
    const frame = parseFrame(Buffer.from(line));
    expect([frame.crcValid, frame.lengthValid]).toEqual([true, true]);
  });

  test('the check value of CRC-16/ARC', () => {
    expect(crc16Arc(Buffer.from('123456789'))).toBe(0xbb3d);
  });

  test('are written as they are read', () => {
    const rebuilt = [
      buildMessage({
        id: 'NULL',
        sequence: 1,
        linePrefix: '',
        account: '7303658550',
        timestampMs: Date.UTC(2019, 5, 7, 15, 39, 38),
      }),
      buildMessage({ id: 'NULL', sequence: 0, account: '1409', timestampMs: Date.UTC(2026, 7, 27, 20, 38, 7) }),
      buildAnswer('ACK', parseFrame(Buffer.from(GOLDEN[1] ?? '')).message, AT_MS),
      buildMessage({
        id: 'SIA-DCS',
        sequence: 1,
        linePrefix: '',
        account: '22334455',
        data: '#22334455|NCQ1',
        timestampMs: Date.UTC(2020, 1, 9, 14, 33, 53),
      }),
      buildNak(Date.UTC(2019, 4, 7, 15, 39, 35)),
    ];
    expect(rebuilt.map((bytes) => Buffer.from(unframe(bytes)).toString())).toEqual(GOLDEN);
  });
});

const hex = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789ABCDEF'), minLength, maxLength });
const content = fc.string({ unit: fc.constantFrom(...'#|^/ 0123456789ABCDefgé报'), maxLength: 60 });

const message: fc.Arbitrary<MessageToBuild> = fc.record(
  {
    id: fc.constantFrom('SIA-DCS', 'ADM-CID', 'NULL'),
    sequence: fc.integer({ min: 0, max: 9999 }),
    receiver: hex(0, 6),
    linePrefix: hex(0, 6),
    account: hex(3, 16),
    data: content,
    extended: fc.array(content, { maxLength: 3 }),
    timestampMs: fc.integer({ min: 0, max: 4_000_000_000 }).map((second) => second * 1000),
  },
  { requiredKeys: ['id', 'sequence', 'timestampMs'] },
);

function expectSame(found: ReturnType<typeof parseFrame>['message'], built: MessageToBuild): void {
  expect(found).toMatchObject({
    id: built.id,
    receiver: built.receiver ?? null,
    linePrefix: built.linePrefix ?? '0',
    account: built.account ?? null,
    data: built.data ?? '',
    extended: built.extended ?? [],
  });
  expect(Number(found.sequence)).toBe(built.sequence);
  expect(parseTimestamp(found.timestamp)).toBe(built.timestampMs);
}

describe('frames', () => {
  test('any message survives building and parsing', () => {
    fc.assert(
      fc.property(message, (built) => {
        const frame = parseFrame(unframe(buildMessage(built)));
        expect([frame.crcValid, frame.lengthValid]).toEqual([true, true]);
        expectSame(frame.message, built);
      }),
    );
  });

  test.each([16, 24, 32])('sealed with a key of %i bytes, opened with it, not with another', (size) => {
    const cipher = aes(Buffer.alloc(size, 7));
    fc.assert(
      fc.property(message, fc.uint8Array({ minLength: 16, maxLength: 16 }), (built, padding) => {
        const sealed = parseFrame(unframe(buildMessage(built, { cipher, padding }))).message;
        expect(sealed).toMatchObject({ encrypted: true, data: '', timestamp: null });
        expectSame(decryptMessage(sealed, cipher), built);
        expect(() => decryptMessage(sealed, aes(Buffer.alloc(size, 8)))).toThrow(SharpEyesError);
      }),
      { numRuns: 50 },
    );
  });

  test('the CRC counts raw bytes: a panel that writes Windows-1252 is valid', () => {
    const body = Buffer.from('"SIA-DCS"0001L0#1234[#1234|NBA1][ICaf\xe9]', 'latin1');
    const head = `${crc16Arc(body).toString(16).padStart(4, '0')}${body.length.toString(16).padStart(4, '0')}`;
    const frame = parseFrame(Buffer.concat([Buffer.from(head), body]));
    expect([frame.crcValid, frame.lengthValid, frame.message.extended]).toEqual([true, true, ['ICafé']]);
  });

  test('a CRC of two binary bytes is read', () => {
    const body = Buffer.from('"NULL"0001L0#1234[]');
    const crc = Buffer.alloc(2);
    crc.writeUInt16BE(crc16Arc(body));
    const length = Buffer.from(body.length.toString(16).padStart(4, '0'));
    expect(parseFrame(Buffer.concat([crc, length, body])).crcValid).toBe(true);
  });

  test('one flipped bit is noticed', () => {
    const bytes = Buffer.from(
      unframe(buildMessage({ id: 'ADM-CID', sequence: 5, account: '1234', data: '#1234|1130 01 003' })),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
        try {
          const frame = parseFrame(damaged);
          expect(frame.crcValid && frame.lengthValid && !damaged.subarray(0, 8).equals(bytes.subarray(0, 8))).toBe(
            // only the case of a hexadecimal digit may change without a difference
            damaged.toString().toUpperCase() === bytes.toString().toUpperCase() && at < 8,
          );
        } catch (error) {
          expect(error).toBeInstanceOf(SharpEyesError);
        }
      }),
    );
  });

  test('garbage, truncation and oversize raise errors of the registry only', () => {
    const whole = unframe(buildMessage({ id: 'SIA-DCS', sequence: 1, account: '1234', data: '#1234|NBA1' }));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => {
        expect(() => parseFrame(whole.subarray(0, length))).toThrow(SharpEyesError);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => parseFrame(bytes)).toThrow(SharpEyesError);
      }),
    );
    expect(() => parseFrame(new Uint8Array(10_000))).toThrow(expect.objectContaining({ code: 'LIMIT_REACHED' }));
  });
});

describe('answers', () => {
  test('echo sequence, receiver, line and account, also when empty', () => {
    const asked = parseFrame(Buffer.from('00000000"NULL"0042R579BDFL#12AB[]')).message;
    const answer = parseFrame(unframe(buildAnswer('DUH', asked, AT_MS))).message;
    expect(answer).toMatchObject({ id: 'DUH', sequence: '0042', receiver: '579BDF', linePrefix: '', account: '12AB' });
  });

  test('the answer to a sealed message is sealed and carries the time', () => {
    const sealing = { cipher: aes(Buffer.alloc(16, 1)), padding: new Uint8Array(16) };
    const asked = parseFrame(
      unframe(buildMessage({ id: 'NULL', sequence: 1, account: 'ABC', timestampMs: AT_MS }, sealing)),
    ).message;
    const answer = parseFrame(unframe(buildAnswer('ACK', asked, AT_MS, sealing))).message;
    expect(answer.encrypted).toBe(true);
    expect(parseTimestamp(decryptMessage(answer, sealing.cipher).timestamp)).toBe(AT_MS);
  });
});

describe('the stream', () => {
  test('frames are found however the stream is cut, with NUL bytes and spaces between them', () => {
    const frames = [1, 2, 3].map((sequence) => buildMessage({ id: 'NULL', sequence, account: '1234' }));
    const stream = Buffer.concat(frames.flatMap((bytes) => [Buffer.from(bytes), Buffer.from([0, 0x20])]));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 30 }), (sizes) => {
        const reader = new FrameReader();
        const found: string[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          for (const item of reader.push(stream.subarray(at, at + size))) {
            if (item.kind === 'frame') found.push(parseFrame(item.bytes).message.sequence);
          }
          at += size;
        }
        expect(found).toEqual(['0001', '0002', '0003']);
      }),
    );
  });

  test('a line that never ends is dropped, reported once, and the next frame is read', () => {
    const reader = new FrameReader();
    const items = [...reader.push(Buffer.alloc(20_000, 0x41)), ...reader.push(Buffer.from('\nX\r'))];
    expect(items.map((item) => item.kind)).toEqual(['overlong', 'frame']);
  });
});

describe('contents', () => {
  test('Contact ID with and without account, area and zone', () => {
    expect(parseContactId('#12AB|1130 01 003')).toEqual({
      account: '12AB',
      qualifier: '1',
      code: '130',
      partition: '01',
      zone: '003',
    });
    expect(parseContactId('|3401 01 057')).toMatchObject({ account: null, qualifier: '3', code: '401' });
    expect(parseContactId('1120')).toEqual({ account: null, qualifier: '1', code: '120', partition: null, zone: null });
    expect(parseContactId('1602 000')).toMatchObject({ code: '602', partition: null, zone: '000' });
    for (const text of ['', '|', '#12|2130 01 003', 'hello', '|11300 01']) expect(parseContactId(text)).toBeNull();
    const event = { qualifier: '1', code: '137', partition: '02', zone: '011' } as const;
    expect(parseContactId(buildContactId('ABCD', event))).toEqual({ account: 'ABCD', ...event });
  });

  test('SIA blocks', () => {
    expect(parseSia('#1234|Nri1/BA001/BA002^Shop^')).toEqual({
      account: '1234',
      modifiers: { ri: '1' },
      events: [
        { code: 'BA', address: '001' },
        { code: 'BA', address: '002' },
      ],
      text: 'Shop',
    });
    expect(parseSia(buildSia('1234', '1', { code: 'PA', address: '501' }))?.events).toEqual([
      { code: 'PA', address: '501' },
    ]);
    expect(parseSia('Nri1/WA000')?.events[0]?.code).toBe('WA');
    for (const text of ['', '|', '#1|X', 'N', '#12|Nri1']) expect(parseSia(text)).toBeNull();
  });

  test('any text is read or refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (text) => {
        parseSia(`#1|N${text}`);
        parseContactId(text);
      }),
    );
  });
});
