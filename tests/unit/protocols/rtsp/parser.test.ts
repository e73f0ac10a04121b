import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { buildInterleaved, buildRequest, buildResponse } from '../../../../protocols/rtsp/build.ts';
import { cseqOf, header, type RtspMessage } from '../../../../protocols/rtsp/message.ts';
import { RtspParser, type RtspParserLimits } from '../../../../protocols/rtsp/parser.ts';

type Seen = { channel: number; data: string } | { message: string; body: string };

function collect(chunks: readonly Uint8Array[], limits?: Partial<RtspParserLimits>): { seen: Seen[]; skipped: number } {
  const seen: Seen[] = [];
  const parser = new RtspParser(
    {
      onInterleaved: (channel, bytes, start, end) =>
        seen.push({ channel, data: Buffer.from(bytes.subarray(start, end)).toString('hex') }),
      onMessage: (message) => seen.push({ message: nameOf(message), body: Buffer.from(message.body).toString() }),
    },
    limits,
  );
  for (const chunk of chunks) parser.push(chunk);
  return { seen, skipped: parser.skippedBytes };
}

const nameOf = (message: RtspMessage): string =>
  `${message.kind === 'request' ? `${message.method} ${message.uri}` : message.status} #${cseqOf(message)}`;

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length; i += 1) {
    const size = sizes.length === 0 ? bytes.length : (sizes[i % sizes.length] ?? 1);
    chunks.push(bytes.slice(at, at + size));
    at += size;
  }
  return chunks;
}

const item = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 3000 })).map(([channel, data]) => ({
    bytes: buildInterleaved(channel, data),
    seen: { channel, data: Buffer.from(data).toString('hex') } as Seen,
  })),
  fc.tuple(fc.nat(9999), fc.string({ unit: 'grapheme-ascii', maxLength: 2000 })).map(([cseq, body]) => ({
    bytes: buildResponse(200, [['CSeq', cseq]], body),
    seen: { message: `200 #${cseq}`, body } as Seen,
  })),
  fc.nat(9999).map((cseq) => ({
    bytes: buildRequest('GET_PARAMETER', 'rtsp://c/', [['CSeq', cseq]]),
    seen: { message: `GET_PARAMETER rtsp://c/ #${cseq}`, body: '' } as Seen,
  })),
);

describe('RtspParser', () => {
  it('keeps bodies when the socket reuses its buffer', () => {
    const bodies: Uint8Array[] = [];
    const parser = new RtspParser({ onInterleaved: () => undefined, onMessage: ({ body }) => bodies.push(body) });
    const socket = buildResponse(200, [], 'hello');
    parser.push(socket);
    socket.fill(0);
    expect(bodies.map((body) => Buffer.from(body).toString())).toEqual(['hello']);
  });

  it('finds the same whatever way the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 4000 }), { maxLength: 8 }),
        (items, sizes) => {
          const stream = Buffer.concat(items.map(({ bytes }) => bytes));
          expect(collect(cut(stream, sizes))).toEqual({ seen: items.map(({ seen }) => seen), skipped: 0 });
        },
      ),
    );
  });

  it('finds the same byte by byte', () => {
    const stream = Buffer.concat([
      buildInterleaved(0, Buffer.from('ab')),
      buildResponse(200, [['CSeq', 1]], 'hello'),
      buildInterleaved(1, Buffer.alloc(0)),
    ]);
    expect(collect(cut(stream, [1])).seen).toEqual([
      { channel: 0, data: '6162' },
      { message: '200 #1', body: 'hello' },
      { channel: 1, data: '' },
    ]);
  });

  it('never fails on noise other than with RTSP_PROTOCOL, and finds what comes after it', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 6 }), (chunks) => {
        try {
          collect(chunks);
        } catch (error) {
          expect(error).toMatchObject({ code: 'RTSP_PROTOCOL' });
        }
      }),
    );
    const noise = Buffer.from('\0\x01abcXyz\xff', 'latin1');
    const found = collect([Buffer.concat([noise, buildInterleaved(2, Buffer.from('x'))])]);
    expect(found).toEqual({ seen: [{ channel: 2, data: '78' }], skipped: noise.length });
  });

  it('accepts bare line feeds, empty lines between messages and repeated headers', () => {
    const messages: RtspMessage[] = [];
    const parser = new RtspParser({ onInterleaved: () => undefined, onMessage: (message) => messages.push(message) });
    parser.push(
      Buffer.from('\r\n\nRTSP/1.0 401 Unauthorized\nCSeq:2\nWWW-Authenticate: Basic\nwww-authenticate:  Digest \n\n'),
    );
    expect(messages).toHaveLength(1);
    const [message] = messages;
    expect(message?.headers.get('www-authenticate')).toEqual(['Basic', 'Digest']);
    expect(message && header(message, 'cseq')).toBe('2');
    expect(parser.skippedBytes).toBe(0);
  });

  it.each([
    ['a header without end', Buffer.concat([Buffer.from('RTSP/1.0 200 OK\r\nX: '), Buffer.alloc(70_000, 0x61)])],
    ['an announced body', Buffer.from('RTSP/1.0 200 OK\r\nContent-Length: 1048577\r\n\r\n')],
    ['endless noise', Buffer.alloc(300_000, 0x01)],
  ])('refuses %s beyond its bound', (_, bytes) => {
    expect(() => collect(cut(bytes, [16_384]))).toThrow(SharpEyesError);
  });

  it('keeps no more than one item, however long the stream', () => {
    const { seen } = collect(
      cut(Buffer.concat(Array.from({ length: 500 }, () => buildInterleaved(0, Buffer.alloc(1400)))), [999]),
    );
    expect(seen).toHaveLength(500);
  });
});

it('builders do not let a value break out of its header', () => {
  const text = buildRequest('PLAY', 'rtsp://c/a b', [['X', 'a\r\nEvil: 1']]).toString();
  expect(text).toBe('PLAY rtsp://c/a%20b RTSP/1.0\r\nX: a Evil: 1\r\n\r\n');
});
