import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SharpEyesError } from '../../../../contract/errors.ts';
import { el, element, envelope } from '../../../../protocols/soap/build.ts';
import { at, find, findAll, textAt } from '../../../../protocols/soap/query.ts';
import { decodeEntities, escapeXml } from '../../../../protocols/soap/text.ts';
import { parseXml } from '../../../../protocols/soap/xml.ts';

const BOMB = `<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><r>&b;&b;&b;</r>`;

describe('what devices send that is not XML by the book', () => {
  test('undeclared prefixes are read by local name', () => {
    const root = parseXml('<env:Envelope><env:Body><x:A b:c="1">t</x:A></env:Body></env:Envelope>');
    expect(root.name).toBe('Envelope');
    const a = at(root, 'Body', 'A');
    expect([a?.text, a?.attributes.get('c'), a?.namespace]).toEqual(['t', '1', null]);
  });

  test('content after the document is ignored', () => {
    expect(parseXml('<a>1</a>garbage<b/>').text).toBe('1');
    expect(parseXml('<?xml version="1.0"?><!-- c --><a>1</a><a>2</a>').text).toBe('1');
  });

  test('typographic quotes in the declaration do not matter', () => {
    expect(parseXml('<?xml version=”1.0” ?><a>1</a>').text).toBe('1');
  });

  test('a bracket that begins no tag is text', () => {
    expect(parseXml('<a>1 < 2</a>').text).toBe('1 < 2');
  });

  test('text in another encoding is read as the declaration says', () => {
    const head = Buffer.from('<?xml version="1.0" encoding="GB2312"?><a>');
    const bytes = Buffer.concat([head, Buffer.from([0xc9, 0xe3]), Buffer.from('</a>')]);
    expect(parseXml(bytes).text).toBe('摄');
    expect(parseXml(Buffer.from('<?xml version="1.0" encoding="no-such-thing"?><a>é</a>')).text).toBe('é');
  });

  test('CDATA is taken as it is', () => {
    expect(parseXml('<a>x<![CDATA[ &amp; <b> ]]></a>').text).toBe('x &amp; <b>');
  });
});

describe('what is refused', () => {
  test('entities of the sender are never expanded', () => {
    expect(() => parseXml(BOMB)).toThrow(expect.objectContaining({ code: 'DEVICE_PROTOCOL' }));
    expect(parseXml('<r>&b;&amp;lt;</r>').text).toBe('&b;&lt;');
  });

  test('HTML pages and binary answers', () => {
    expect(() => parseXml('<!DOCTYPE html><html><body>Not found</body></html>')).toThrow(SharpEyesError);
    expect(() => parseXml('--boundary\r\n<a/>')).toThrow(SharpEyesError);
    expect(() => parseXml('')).toThrow(SharpEyesError);
  });

  test('too deep, too many elements, too large', () => {
    const deep = '<a>'.repeat(500) + '</a>'.repeat(500);
    expect(() => parseXml(deep)).toThrow(SharpEyesError);
    expect(() => parseXml(`<r>${'<a/>'.repeat(30_000)}</r>`)).toThrow(
      expect.objectContaining({ code: 'LIMIT_REACHED' }),
    );
    expect(() => parseXml(' '.repeat(1_100_000))).toThrow(expect.objectContaining({ code: 'LIMIT_REACHED' }));
  });

  test('names that JavaScript objects treat specially do no harm', () => {
    expect(() => parseXml('<r><constructor>1</constructor></r>')).toThrow(SharpEyesError);
    expect(() => parseXml('<r><a __proto__="x">2</a></r>')).toThrow(SharpEyesError);
    expect(textAt(parseXml('<r><a toString="y" hasOwnProperty="z">2</a></r>'), 'a')).toBe('2');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  test('whatever comes, only errors of the registry leave', () => {
    const fragments = fc.constantFrom(
      '<',
      '>',
      '</',
      'a',
      'a:b',
      '"',
      '=',
      '&',
      ';',
      '<![CDATA[',
      ']]>',
      '<!--',
      '?>',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(fragments, { maxLength: 40 }), (parts) => {
        try {
          parseXml(`<${parts.join('')}`);
        } catch (error) {
          expect(error).toBeInstanceOf(SharpEyesError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('writing', () => {
  test('any text comes back, apart from what XML cannot carry', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const read = parseXml(element('a', { b: text }, text).markup);
        expect(read.attributes.get('b')).toBe(decodeEntities(escapeXml(text)));
        expect(read.text).toBe(decodeEntities(escapeXml(text)).trim());
      }),
    );
  });

  test('an envelope declares its prefixes', () => {
    const root = parseXml(envelope(['tt'], undefined, el('tt:A', el('tt:B', 1), null, [el('tt:B', true)])));
    expect(find(root, 'A')?.namespace).toBe('http://www.onvif.org/ver10/schema');
    expect(findAll(root, 'B').map((b) => b.text)).toEqual(['1', 'true']);
    expect(at(root, 'Header')).toBeUndefined();
  });
});
