import fc from 'fast-check';
import mqttPacket from 'mqtt-packet';
import { expect, test } from 'vitest';
import { publishPrefix } from '../../../../platform/mqtt/publish-prefix.ts';

const read = (bytes: Uint8Array): unknown[] => {
  const packets: unknown[] = [];
  const parser = mqttPacket.parser({ protocolVersion: 4 });
  parser.on('packet', (packet: unknown) => packets.push(packet));
  parser.parse(Buffer.from(bytes));
  return packets;
};

test('another implementation reads topic and payload of every size', () => {
  const sizes = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(16_383, 16_384, 2_097_151, 2_097_152));
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
      sizes,
      sizes,
      (topic, headBytes, rest) => {
        const head = Buffer.alloc(headBytes, 1);
        const packet = Buffer.concat([publishPrefix(topic, head, rest), Buffer.alloc(rest, 2)]);
        const [found, ...others] = read(packet) as { topic: string; qos: number; retain: boolean; payload: Buffer }[];
        expect(others).toEqual([]);
        expect(found).toMatchObject({ cmd: 'publish', topic, qos: 0, retain: false, dup: false });
        expect(found?.payload.equals(Buffer.concat([head, Buffer.alloc(rest, 2)]))).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});
