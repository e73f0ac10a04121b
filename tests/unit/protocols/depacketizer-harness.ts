import fc from 'fast-check';
import { expect } from 'vitest';
import { splitAvcc } from '../../../protocols/h264/nal.ts';
import type { AccessUnit, AccessUnitSink, Depacketizer } from '../../../protocols/rtp/depacketizer.ts';
import { emptyRtpHeader, readRtpHeader } from '../../../protocols/rtp/packet.ts';

/** A payload as it may come from anybody. */
export type AnyPayload = [bytes: Uint8Array, timestamp: number, marker: boolean, gapBefore: boolean];

/** Bytes as hexadecimal digits, which a failed comparison shows well. */
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A 16-bit number in network order. */
export const u16 = (value: number): Buffer => Buffer.of(value >> 8, value & 255);

/** Up to `maxLength` payloads under few timestamps, so that they meet each other's access units. */
export function anyPayloads(bytes: fc.Arbitrary<Uint8Array>, maxLength: number): fc.Arbitrary<AnyPayload[]> {
  return fc.array(fc.tuple(bytes, fc.nat(3), fc.boolean(), fc.boolean()), { maxLength });
}

/**
 * A depacketizer, what it handed on, and the ways to feed it.
 * @param unitOf what to note of an access unit, whose bytes are valid during the call only
 * @param onParameterSet formats that have none must not report any
 */
export function depacketizerHarness<D extends Depacketizer, U>(
  make: (sink: AccessUnitSink) => D,
  unitOf: (unit: AccessUnit) => U,
  onParameterSet: (nal: Uint8Array) => void = () => expect.unreachable(),
) {
  const units: U[] = [];
  const depacketizer = make({ onAccessUnit: (unit) => units.push(unitOf(unit)), onParameterSet });
  const header = emptyRtpHeader();
  /** A whole RTP packet. */
  const feed = (packet: Uint8Array): void => {
    expect(readRtpHeader(packet, 0, packet.length, header)).toBe(true);
    depacketizer.push(packet, header.payloadStart, header.payloadEnd, header.timestamp, header.marker);
  };
  const payload = (bytes: Uint8Array, timestamp: number, marker = false): void =>
    depacketizer.push(bytes, 0, bytes.length, timestamp, marker);
  /** All of them, and the end of the stream. */
  const play = (payloads: readonly AnyPayload[]): void => {
    for (const [bytes, timestamp, marker, gapBefore] of payloads) {
      if (gapBefore) depacketizer.onGap();
      payload(bytes, timestamp, marker);
    }
    depacketizer.flush();
  };
  return { units, depacketizer, feed, payload, play };
}

/** The same for H.264 and H.265: access units as their NAL units, and the parameter sets, in hexadecimal digits. */
export function nalHarness<D extends Depacketizer>(make: (sink: AccessUnitSink) => D) {
  const sets: string[] = [];
  const run = depacketizerHarness(
    make,
    ({ timestamp, key, bytes }) => ({ timestamp, key, nals: splitAvcc(bytes).map(hex) }),
    (nal) => sets.push(hex(nal)),
  );
  return { ...run, sets };
}
