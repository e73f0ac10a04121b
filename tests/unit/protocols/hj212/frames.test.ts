import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildFrame, frameAround } from '../../../../protocols/hj212/build.ts';
import { crcHj212, crcModbus } from '../../../../protocols/hj212/crc.ts';
import { FrameReader, type Hj212Frame, type ReadItem } from '../../../../protocols/hj212/frame-reader.ts';
import { parseSegment } from '../../../../protocols/hj212/segment.ts';
import { formatTime, parseTime } from '../../../../protocols/hj212/time.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const DUST =
  'QN=20260701080000000;ST=39;CN=2011;PW=310000;MN=SE0000000000000000000001;Flag=5;' +
  'CP=&&DataTime=20260701080000;a34004-Rtd=35.1,a34004-Flag=N;LA-Rtd=61.2,LA-Flag=N&&';

function checkOf(text: string): string {
  return crcHj212(bytes(text)).toString(16).toUpperCase().padStart(4, '0');
}

function frames(items: readonly ReadItem[]): Hj212Frame[] {
  return items.flatMap((item) => (item.kind === 'frame' ? [item.frame] : []));
}

function segments(items: readonly ReadItem[]): string[] {
  return frames(items).map(({ segment }) => new TextDecoder().decode(segment));
}

describe('the check', () => {
  test("the standard's own example is 1C80, and the other rule gives another number", () => {
    const example = bytes(
      'QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&',
    );
    expect(crcHj212(example).toString(16)).toBe('1c80');
    expect(crcModbus(bytes('123456789'))).toBe(0x4b37);
  });

  test.each([
    ['hj212', (check: string) => check],
    ['hj212', (check: string) => check.toLowerCase()],
    ['modbus', () => crcModbus(bytes(DUST)).toString(16).padStart(4, '0')],
    [null, () => '0000'],
  ])('is said to be right by %s', (variant, change) => {
    const whole = Buffer.from(frameAround(bytes(DUST))).toString();
    const check = whole.slice(-6, -2);
    const [frame] = frames(new FrameReader().push(bytes(`${whole.slice(0, -6)}${change(check)}\r\n`)));
    expect(frame?.crcVariant).toBe(variant);
  });
});

describe('cutting a stream', () => {
  test('several frames in one piece, with and without a line end between them', () => {
    const frame = Buffer.from(frameAround(bytes(DUST)));
    const stream = Buffer.concat([frame, frame.subarray(0, -2), frame, Buffer.from('\r\n'), frame]);
    const items = new FrameReader().push(stream);
    expect(segments(items)).toEqual([DUST, DUST, DUST, DUST]);
    expect(items).toHaveLength(4);
  });

  test('a frame over a hundred pieces', () => {
    const reader = new FrameReader();
    const frame = frameAround(bytes(DUST));
    const items = [...frame].flatMap((byte) => reader.push(Uint8Array.of(byte)));
    expect(segments(items)).toEqual([DUST]);
    expect(items).toHaveLength(1);
  });

  test('a station that counts characters where the text is Chinese', () => {
    const text = DUST.replace('&&DataTime', '&&Info=东闸水位站,DataTime');
    const segment = bytes(text);
    const check = checkOf(text);
    const length = String(text.length).padStart(4, '0');
    const stream = Buffer.concat([bytes(`##${length}`), segment, bytes(`${check}\r\n`), frameAround(bytes(DUST))]);
    const found = frames(new FrameReader().push(stream));
    expect(found.map(({ lengthValid, crcVariant }) => [lengthValid, crcVariant])).toEqual([
      [false, 'hj212'],
      [true, 'hj212'],
    ]);
    expect(parseSegment(found[0]?.segment ?? new Uint8Array()).params['Info']).toBe('东闸水位站');
  });

  test('garbage before, between and in place of frames is counted, and the next frame is found', () => {
    const stream = Buffer.concat([
      bytes('GET / HTTP/1.1\r\n\r\n'),
      frameAround(bytes(DUST)),
      bytes('##12ab'),
      bytes('##00'),
      frameAround(bytes(DUST)),
    ]);
    const items = new FrameReader().push(stream);
    expect(segments(items)).toEqual([DUST, DUST]);
    expect(items.some(({ kind }) => kind === 'garbage')).toBe(true);
  });

  test.each([
    ['the beginning of a frame', '##0162QN=2026070108'],
    ['a length alone', '##9999'],
    ['a frame without a check', `##0162${'x'.repeat(162)}\r\n`],
    ['a length that is too large', `##0999${DUST}${checkOf(DUST)}\r\n`],
    ['one sign too many', '#'],
    ['spaces', '  '],
  ])('%s before a good frame does not hold it up', (_what, before) => {
    const reader = new FrameReader();
    const items = [...reader.push(bytes(before)), ...reader.push(frameAround(bytes(DUST)))];
    expect(segments(items).at(-1)).toBe(DUST);
    expect(reader.waiting).toBeLessThanOrEqual(2);
  });

  test('frames with a wrong check and no line ends are seen when the next begins', () => {
    const wrong = bytes(
      `${Buffer.from(frameAround(bytes(DUST)))
        .toString()
        .slice(0, -6)}0000`,
    );
    const reader = new FrameReader();
    const found = frames(reader.push(Buffer.concat([wrong, wrong, frameAround(bytes(DUST))])));
    expect(found.map(({ crcVariant }) => crcVariant)).toEqual([null, null, 'hj212']);
    expect(frames(reader.push(wrong)).map(({ crcVariant }) => crcVariant)).toEqual([null]);
  });

  test('two signs in the text are no beginning', () => {
    const text = DUST.replace('&&DataTime', '&&Info=##1x;DataTime');
    const frame = frameAround(bytes(text));
    for (let cut = 1; cut < frame.length; cut += 1) {
      const reader = new FrameReader();
      const found = [...reader.push(frame.subarray(0, cut)), ...reader.push(frame.subarray(cut))];
      expect(segments(found)).toEqual([text]);
    }
  });

  test('a stream of beginnings is looked at once', () => {
    const reader = new FrameReader();
    for (let i = 0; i < 20; i += 1) reader.push(bytes(`##9999${'#'.repeat(60_000)}`));
    expect(segments(reader.push(frameAround(bytes(DUST))))).toEqual([DUST]);
  });

  test('a frame full of line ends is given up at the fourth, and so is work for it', () => {
    const reader = new FrameReader();
    const items = reader.push(bytes(`##9999${'0000\r\n'.repeat(1600)}`));
    expect(items.length).toBeLessThan(5);
    expect(reader.waiting).toBe(0);
    expect(segments(reader.push(frameAround(bytes(DUST))))).toEqual([DUST]);
  });

  test('a frame that never ends holds a bounded number of bytes', () => {
    const reader = new FrameReader();
    reader.push(bytes('##9999'));
    for (let i = 0; i < 1000; i += 1) reader.push(new Uint8Array(100).fill(0x41));
    expect(reader.waiting).toBeLessThan(20_000);
    expect(segments(reader.push(frameAround(bytes(DUST))))).toEqual([DUST]);
  });

  test('whatever comes, nothing is thrown, and frames that stand in it are found however it is cut', () => {
    const noise = fc.uint8Array({ maxLength: 60 });
    const broken = fc
      .constantFrom('#', '##', '##0', '##9999', '##0162QN=1', '0000\r\n', `##0003abc`, '\r\n')
      .map(bytes);
    const piece = fc.oneof(noise, broken, fc.constant(frameAround(bytes(DUST))));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.integer({ min: 1, max: 700 }), (pieces, step) => {
        const stream = Buffer.concat(pieces);
        const reader = new FrameReader();
        const items: ReadItem[] = [];
        for (let at = 0; at < stream.length; at += step) items.push(...reader.push(stream.subarray(at, at + step)));
        const right = frames(items).filter(({ crcVariant }) => crcVariant !== null);
        expect(right.map(({ segment }) => new TextDecoder().decode(segment))).toEqual(
          pieces.filter((each) => each.length > 60).map(() => DUST),
        );
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a segment', () => {
  test('an upload with everything', () => {
    const read = parseSegment(bytes(DUST));
    expect(read).toMatchObject({
      qn: '20260701080000000',
      st: '39',
      cn: '2011',
      password: '310000',
      mn: 'SE0000000000000000000001',
      edition: '2017',
      wantsAnswer: true,
      part: null,
      params: { DataTime: '20260701080000' },
      factors: { a34004: { Rtd: '35.1', Flag: 'N' }, LA: { Rtd: '61.2', Flag: 'N' } },
    });
  });

  test.each([
    [1, '2005', true],
    [4, '2017', false],
    [9, '2025', true],
    [8, '2025', false],
    [40, null, false],
  ])('Flag %d is of %s, and an answer is wanted: %s', (flag, edition, wantsAnswer) => {
    expect(parseSegment(bytes(DUST.replace('Flag=5', `Flag=${flag}`)))).toMatchObject({ edition, wantsAnswer });
  });

  test.each([
    ['Flag=7;PNUM=3;PNO=2', { number: 2, of: 3 }],
    ['PNO=0002;PNUM=0002', { number: 2, of: 2 }],
    ['Flag=5;PNUM=1;PNO=1', null],
    ['Flag=7;PNUM=2;PNO=3', null],
    ['Flag=7;PNUM=0;PNO=0', null],
  ])('%s is the part %j', (fields, part) => {
    expect(parseSegment(bytes(DUST.replace('Flag=5', fields))).part).toEqual(part);
  });

  test('Chinese text in the encoding of older stations', () => {
    const text = Buffer.concat([
      bytes('ST=39;CN=2011;MN=A1;CP=&&Info='),
      Buffer.from([0xb6, 0xab, 0xd5, 0xa2]),
      bytes('&&'),
    ]);
    expect(parseSegment(text).params).toEqual({ Info: '东闸' });
  });

  test.each(['', 'ST=39;CN=2011;MN=A1;', 'ST=3;CN=2011;MN=A1;CP=&&&&', 'ST=39;MN=A1;CP=&&&&', 'ST=39;CN=2011;CP=&&&&'])(
    'is refused: %j',
    (text) => {
      expect(() => parseSegment(bytes(text))).toThrow(expect.objectContaining({ code: 'MESSAGE_MALFORMED' }));
    },
  );

  test('names from outside are only names', () => {
    const read = parseSegment(bytes('ST=39;CN=2011;MN=A1;CP=&&__proto__-Rtd=1;constructor=2;a-__proto__=3&&'));
    expect(Object.getPrototypeOf(read.factors)).toBe(Object.prototype);
    expect(Object.keys(read.factors)).toEqual(['__proto__', 'a']);
    expect(read.params).toEqual({ constructor: '2' });
  });

  test('any bytes are read or refused by name, in bounded memory', () => {
    const spliced = fc
      .tuple(fc.nat(DUST.length), fc.uint8Array({ maxLength: 40 }), fc.nat(DUST.length))
      .map(([from, middle, to]) => Buffer.concat([bytes(DUST.slice(0, from)), middle, bytes(DUST.slice(to))]));
    fc.assert(
      fc.property(spliced, (input) => {
        try {
          const read = parseSegment(input);
          expect(Object.keys(read.factors).length).toBeLessThanOrEqual(500);
        } catch (error) {
          expect(error).toMatchObject({ code: 'MESSAGE_MALFORMED' });
        }
      }),
    );
  });

  test('a thousand factors are five hundred', () => {
    const many = Array.from({ length: 1000 }, (_, index) => `f${index}-Rtd=1`).join(';');
    expect(Object.keys(parseSegment(bytes(`ST=39;CN=2011;MN=A1;CP=&&${many}&&`)).factors)).toHaveLength(500);
  });
});

describe('what we send', () => {
  test('is read back as it was meant', () => {
    const fields = { qn: '20260701080000000', st: '91', cn: '9011', password: '310000', mn: 'A1', flag: 4 };
    const [frame] = frames(new FrameReader().push(buildFrame({ ...fields, content: 'QnRtn=1' })));
    expect(frame).toMatchObject({ lengthValid: true, crcVariant: 'hj212' });
    const read = parseSegment(frame?.segment ?? new Uint8Array());
    expect(read).toMatchObject({ st: '91', cn: '9011', mn: 'A1', wantsAnswer: false, params: { QnRtn: '1' } });
  });
});

describe('times', () => {
  test("a station's time is China's unless the site says otherwise", () => {
    expect(parseTime('20260701080000', 480)).toBe(Date.UTC(2026, 6, 1));
    expect(parseTime('20260701080000123', 0)).toBe(Date.UTC(2026, 6, 1, 8, 0, 0, 123));
    expect(formatTime(Date.UTC(2026, 6, 1, 0, 0, 0, 7), 480)).toBe('20260701080000007');
  });

  test.each(['', '2026', '20260231000000', '20261301000000', '20260701250000', '20260701006000', 'x0260701080000'])(
    '%j is no time',
    (text) => {
      expect(parseTime(text, 480)).toBeNull();
    },
  );
});
