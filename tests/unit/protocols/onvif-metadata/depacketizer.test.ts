import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MetadataDepacketizer } from '../../../../protocols/onvif-metadata/depacketizer.ts';
import { MetadataPacketizer } from '../../../../protocols/onvif-metadata/packetizer.ts';
import { anyPayloads, depacketizerHarness } from '../depacketizer-harness.ts';

function harness(maxBytes?: number) {
  const { units, ...run } = depacketizerHarness(
    (sink) => new MetadataDepacketizer(sink, maxBytes),
    ({ timestamp, bytes }): [timestamp: number, text: string] => [timestamp, Buffer.from(bytes).toString()],
  );
  /** The document stands somewhere inside of what arrived. */
  const text = (part: string, timestamp: number, marker = false): void => {
    const bytes = Buffer.from(`....${part}`);
    run.depacketizer.push(bytes, 4, bytes.length, timestamp, marker);
  };
  return { ...run, documents: units, text };
}

describe('ONVIF metadata over RTP', () => {
  it('gives back what went in, at every packet size', () => {
    const list = fc.array(fc.string({ minLength: 1, maxLength: 3000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(list, fc.integer({ min: 30, max: 1500 }), (texts, mtu) => {
        const { documents, feed } = harness();
        const sender = new MetadataPacketizer({ payloadType: 107, ssrc: 1, mtu, firstSequence: 1 });
        for (const [i, each] of texts.entries()) {
          for (const packet of sender.packetizeUnit(Buffer.from(each), i * 9000)) feed(packet);
        }
        expect(documents).toEqual(texts.map((each, i) => [i * 9000, each]));
      }),
    );
  });

  it('takes documents that share a timestamp, and such as spread over several', () => {
    const { documents, text } = harness();
    text('<a/>', 1, true);
    text('<b/>', 1, true);
    text('<?xml version="1.0"?><c>', 2);
    text('<d/>', 3);
    text('</c>', 4, true);
    expect(documents).toEqual([
      [1, '<a/>'],
      [1, '<b/>'],
      [2, '<?xml version="1.0"?><c><d/></c>'],
    ]);
  });

  it.each([
    '<?xml version="1.0"?><x/>',
    '<tt:MetadataStream xmlns:tt="x"/>',
    '<MetaDataStream>',
    '\ufeff <?xml?>',
    '\u001f\u008b\b',
  ])('a missing marker is replaced by the beginning of the next document: %j', (next) => {
    const { documents, text, payload, depacketizer } = harness();
    const latin1 = next.startsWith('\u001f');
    text('<tt:MetadataStream><a>', 1);
    text('</a></tt:MetadataStream>', 2);
    payload(Buffer.from(next, latin1 ? 'latin1' : 'utf8'), 3);
    depacketizer.flush();
    depacketizer.flush();
    expect(documents.map(([at]) => at)).toEqual([1, 3]);
    expect(depacketizer.dropped).toBe(0);
  });

  it('a missing packet costs its document alone', () => {
    const { documents, text, depacketizer } = harness();
    text('<a>', 1);
    depacketizer.onGap();
    text('</a>', 1, true);
    depacketizer.onGap();
    text('rest of b</b>', 2, true);
    depacketizer.onGap();
    text('\ufeff <?xml?><c/>', 3, true);
    text('<d>', 4);
    depacketizer.onGap();
    text('<?xml?><e/>', 5, true);
    text('<f>', 6);
    depacketizer.onGap();
    depacketizer.flush();
    expect(documents.map(([at]) => at)).toEqual([3, 5]);
    expect(depacketizer.dropped).toBe(4);
  });

  it('drops documents over the bound and goes on', () => {
    const { documents, text, depacketizer } = harness(100);
    text('<a>', 1);
    for (let i = 0; i < 50; i += 1) text('x'.repeat(90), 1);
    text('</a>', 1, true);
    text('<b/>', 2, true);
    expect([documents, depacketizer.dropped]).toEqual([[[2, '<b/>']], 1]);
  });

  it('survives any packets', () => {
    const part = fc.string({ maxLength: 60 }).map((text) => Buffer.from(text));
    fc.assert(
      fc.property(anyPayloads(part, 60), (payloads) => {
        const { documents, play } = harness(200);
        play(payloads);
        expect(documents.every(([, each]) => Buffer.from(each).length <= 200)).toBe(true);
      }),
    );
  });
});
