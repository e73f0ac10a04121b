import { expect, it } from 'vitest';
import { AacPacketizer } from '../../../../protocols/aac/packetizer.ts';
import { G711Packetizer } from '../../../../protocols/g711/packetizer.ts';
import { joinAvcc } from '../../../../protocols/h264/nal.ts';
import { H264Packetizer } from '../../../../protocols/h264/packetizer.ts';
import { H265Packetizer } from '../../../../protocols/h265/packetizer.ts';
import { JpegPacketizer } from '../../../../protocols/mjpeg/packetizer.ts';
import { MetadataPacketizer } from '../../../../protocols/onvif-metadata/packetizer.ts';
import { emptyRtpHeader, readRtpHeader } from '../../../../protocols/rtp/packet.ts';
import type { PacketizerOptions } from '../../../../protocols/rtp/packet-writer.ts';
import type { RtpPacketizer } from '../../../../protocols/rtp/packetizer.ts';
import { PPS, SPS_360P, slice } from '../../../support/h264.ts';
import { HEVC_PPS, HEVC_SPS, HEVC_VPS, hevcSlice } from '../../../support/h265.ts';
import { jpegFile } from '../../../support/jpeg.ts';

const FORMATS: readonly [string, (options: PacketizerOptions) => RtpPacketizer, Uint8Array][] = [
  ['H.264', (options) => new H264Packetizer(options), joinAvcc([SPS_360P, PPS, slice('idr', 3000)])],
  ['H.265', (options) => new H265Packetizer(options), joinAvcc([HEVC_VPS, HEVC_SPS, HEVC_PPS, hevcSlice('idr', 3000)])],
  ['JPEG', (options) => new JpegPacketizer(options), jpegFile(3000)],
  ['AAC', (options) => new AacPacketizer(options), new Uint8Array(3000)],
  ['G.711', (options) => new G711Packetizer(options), new Uint8Array(3000)],
  ['metadata', (options) => new MetadataPacketizer(options), new Uint8Array(3000)],
];

it.each(FORMATS)('%s: packets are numbered on over the wrap, kept within the size and counted', (_, make, unit) => {
  const options = { payloadType: 97, ssrc: 0xdead_beef, mtu: 400, firstSequence: 65_533 };
  const packetizer = make(options);
  const packets = [...packetizer.packetizeUnit(unit, 9000), ...packetizer.packetizeUnit(unit, 2 ** 32 + 1)];
  const headers = packets.map((packet) => {
    const header = emptyRtpHeader();
    expect(readRtpHeader(packet, 0, packet.length, header)).toBe(true);
    return header;
  });
  expect(packets.length).toBeGreaterThan(15);
  expect(packets.every((packet) => packet.length <= options.mtu)).toBe(true);
  expect(headers.every(({ payloadType, ssrc }) => payloadType === options.payloadType && ssrc === options.ssrc)).toBe(
    true,
  );
  expect(headers.map(({ sequence }) => sequence)).toEqual(packets.map((__, i) => (options.firstSequence + i) & 0xffff));
  expect([headers[0]?.timestamp, headers[packets.length / 2]?.timestamp]).toEqual([9000, 1]);
  const { nextSequence, packets: sent, octets } = packetizer;
  expect([nextSequence, sent, octets]).toEqual([
    (options.firstSequence + packets.length) & 0xffff,
    packets.length,
    headers.reduce((sum, { payloadStart, payloadEnd }) => sum + payloadEnd - payloadStart, 0),
  ]);
});
