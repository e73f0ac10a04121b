import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RtpReceiver } from '../../../../edge/media/rtp-receiver.ts';
import { H264Depacketizer } from '../../../../protocols/h264/depacketizer.ts';
import { H264Packetizer } from '../../../../protocols/h264/packetizer.ts';
import { buildGoodbye, buildSenderReport } from '../../../../protocols/rtp/rtcp.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { slice } from '../../../support/h264.ts';

function setUp() {
  const clock = new FakeClock();
  const timestamps: number[] = [];
  const sink = {
    onAccessUnit: ({ timestamp }: { timestamp: number }) => void timestamps.push(timestamp),
    onParameterSet: () => undefined,
  };
  const receiver = new RtpReceiver({ clock, payloadType: 96, depacketizer: new H264Depacketizer(sink, 100_000) });
  const feed = (packets: readonly Uint8Array[]): boolean[] =>
    packets.map((packet) => receiver.onRtp(packet, 0, packet.length));
  const sender = (ssrc: number, payloadType = 96) =>
    new H264Packetizer({ payloadType, ssrc, mtu: 300, firstSequence: 65_534 });
  return { clock, receiver, timestamps, feed, sender };
}

describe('RtpReceiver', () => {
  it('counts loss, drops to the next key frame and says so in its report', async () => {
    const { clock, receiver, timestamps, feed, sender } = setUp();
    const camera = sender(7);
    const frames = [0, 1, 2, 3].map((n) => camera.packetize([slice(n % 3 === 0 ? 'idr' : 'delta', 1000)], n));
    feed(frames[0] ?? []);
    receiver.onRtcp(buildSenderReport({ ssrc: 7, unixMs: clock.nowMs(), rtpTimestamp: 0, packets: 4, octets: 1 }, 'c'));
    await clock.advance(500);
    feed((frames[1] ?? []).filter((_, i) => i !== 1));
    feed(frames[2] ?? []);
    feed(frames[3] ?? []);
    expect(timestamps).toEqual([0, 3]);
    expect([receiver.packetsLost, receiver.framesDropped]).toEqual([1, 2]);
    const report = Buffer.from(receiver.report(1));
    expect(report.readUInt32BE(8)).toBe(7);
    expect(report.readUInt32BE(12) & 0xff_ffff).toBe(1);
    expect(report[12]).toBe(Math.floor(256 / 16));
    expect(report.readUInt32BE(24)).not.toBe(0);
    expect(report.readUInt32BE(28)).toBe(32_768);
    expect(receiver.report(1)[12]).toBe(0);
  });

  it('goes on with a new source from its first key frame', () => {
    const { receiver, timestamps, feed, sender } = setUp();
    feed(sender(1).packetize([slice('idr')], 1));
    const next = sender(2);
    feed(next.packetize([slice('delta')], 2));
    feed(next.packetize([slice('idr')], 3));
    expect(timestamps).toEqual([1, 3]);
    expect(receiver.packetsLost).toBe(0);
  });

  it('ignores other payload types, repeated packets and noise, and gives up on endless noise', () => {
    const { receiver, timestamps, feed, sender } = setUp();
    const packets = sender(1).packetize([slice('idr', 1000)], 1);
    feed(packets.flatMap((packet) => [packet, packet, Buffer.from('noise')]));
    feed(sender(9, 97).packetize([slice('idr')], 5));
    expect(timestamps).toEqual([1]);
    const verdicts = feed(Array.from({ length: 1000 }, () => Buffer.from('noise')));
    expect([verdicts[0], verdicts[998], verdicts[999]]).toEqual([true, true, false]);
    expect(receiver.packetsLost).toBe(0);
  });

  it('hears the goodbye of its own source only', () => {
    const { receiver, feed, sender } = setUp();
    feed(sender(1).packetize([slice('idr')], 1));
    expect(receiver.onRtcp(buildGoodbye(2))).toBe(false);
    expect(receiver.onRtcp(buildGoodbye(1))).toBe(true);
  });

  it('survives anything', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 40 }), (packets) => {
        const { receiver, feed } = setUp();
        feed(packets);
        for (const packet of packets) receiver.onRtcp(packet);
        receiver.flush();
        receiver.report(1);
      }),
    );
  });
});
