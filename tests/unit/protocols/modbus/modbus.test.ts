import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AduReader, buildAdu, type ModbusAdu } from '../../../../protocols/modbus/adu.ts';
import { buildRead, MODBUS_TABLES, type ModbusRead, parseRead, READ_MAX } from '../../../../protocols/modbus/read.ts';
import { MODBUS_TYPES, numberOf, registersOf } from '../../../../protocols/modbus/values.ts';

describe('requests and answers', () => {
  test('the example of the standard: holding registers 107 to 109', () => {
    expect([...buildRead({ table: 'holding', address: 107, count: 3 })]).toEqual([3, 0, 0x6b, 0, 3]);
    const answer = Uint8Array.of(3, 6, 0x02, 0x2b, 0, 0, 0, 0x64);
    expect(parseRead(answer, { table: 'holding', address: 107, count: 3 })).toEqual([555, 0, 100]);
  });

  test('the example of the standard: 22 discrete inputs, the first in the lowest bit', () => {
    const answer = Uint8Array.of(2, 3, 0xac, 0xdb, 0x35);
    const bits = parseRead(answer, { table: 'discrete', address: 196, count: 22 });
    expect(bits.join('')).toBe('0011010111011011101011');
  });

  test('an exception says in words what it means', () => {
    const refused = expect.objectContaining({
      code: 'DEVICE_UNSUPPORTED',
      message: expect.stringContaining('no such address'),
      context: { exception: 2 },
    });
    expect(() => parseRead(Uint8Array.of(0x84, 2), { table: 'input', address: 0, count: 1 })).toThrow(refused);
  });

  test.each([
    ['nothing', []],
    ['another function', [4, 2, 0, 1]],
    ['too few bytes', [3, 2, 0]],
    ['too many bytes', [3, 2, 0, 1, 2]],
    ['another count', [3, 4, 0, 1, 0, 2]],
  ])('an answer with %s does not fit', (_what, pdu) => {
    const fault = expect.objectContaining({ code: 'DEVICE_PROTOCOL' });
    expect(() => parseRead(Uint8Array.from(pdu), { table: 'holding', address: 0, count: 1 })).toThrow(fault);
  });

  test('any answer is read or refused by name', () => {
    const asked = fc.record({
      table: fc.constantFrom(...MODBUS_TABLES),
      address: fc.nat(65_535),
      count: fc.integer({ min: 1, max: 125 }),
    });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 260 }), asked, (pdu, read: ModbusRead) => {
        try {
          expect(parseRead(pdu, read)).toHaveLength(read.count);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^DEVICE_(PROTOCOL|UNSUPPORTED)$/) });
        }
      }),
    );
    expect(READ_MAX.holding).toBe(125);
  });
});

describe('the stream', () => {
  const adu = fc.record({
    transaction: fc.nat(65_535),
    unit: fc.nat(255),
    pdu: fc.uint8Array({ minLength: 1, maxLength: 253 }),
  });

  test('answers are found however they are cut', () => {
    fc.assert(
      fc.property(fc.array(adu, { maxLength: 6 }), fc.integer({ min: 1, max: 300 }), (sent, step) => {
        const stream = Buffer.concat(sent.map(buildAdu));
        const reader = new AduReader();
        const found: ModbusAdu[] = [];
        for (let at = 0; at < stream.length; at += step) found.push(...reader.push(stream.subarray(at, at + step)));
        expect(found).toEqual(sent);
        expect(reader.waiting).toBe(0);
      }),
    );
  });

  test('what is no Modbus is refused, and never more than one answer is held', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }), (chunks) => {
        const reader = new AduReader();
        try {
          for (const chunk of chunks) reader.push(chunk);
        } catch (error) {
          expect(error).toMatchObject({ code: 'DEVICE_PROTOCOL' });
          return;
        }
        expect(reader.waiting).toBeLessThan(260);
      }),
    );
  });
});

describe('numbers', () => {
  test.each([
    ['uint16', [0xfffe], 65_534],
    ['int16', [0xfffe], -2],
    ['uint32', [0x0001, 0x0002], 65_538],
    ['int32', [0xffff, 0xfffe], -2],
    ['float32', [0x41ac, 0x0000], 21.5],
    ['float64', [0x4035, 0x8000, 0, 0], 21.5],
  ] as const)('%s of %j is %d, also with the registers the other way round', (type, registers, value) => {
    expect(numberOf(registers, type, 'high-first')).toBe(value);
    expect(numberOf([...registers].reverse(), type, 'low-first')).toBe(value);
  });

  test('NaN, infinity and too few registers are no number', () => {
    expect(numberOf([0x7fc0, 0], 'float32', 'high-first')).toBeNull();
    expect(numberOf([0x7f80, 0], 'float32', 'high-first')).toBeNull();
    for (const type of MODBUS_TYPES) {
      expect(
        numberOf(
          Array.from({ length: registersOf(type) - 1 }, () => 0),
          type,
          'high-first',
        ),
      ).toBeNull();
    }
  });
});
