import { describe, expect, it } from 'vitest';
import { DirectMeter, NO_DIRECT_FACTS, type Stats } from '../../../../dashboard/src/player/direct-facts.ts';

const CODEC = { id: 'C1', type: 'codec', timestamp: 0, mimeType: 'video/H264' };
const AUDIO = { id: 'A', type: 'inbound-rtp', kind: 'audio', timestamp: 0, bytesReceived: 7 };

/** One reading, with what a browser says besides. */
function reading(timestamp: number, video: Record<string, number>): Iterable<Stats> {
  const inbound = { id: 'V', type: 'inbound-rtp', kind: 'video', codecId: 'C1', timestamp, ...video };
  return new Map(Object.entries({ A: AUDIO, C1: CODEC, V: inbound })).values();
}

describe('DirectMeter', () => {
  it('tells codec, size, frames, rate, loss and the time in the jitter buffer', () => {
    const meter = new DirectMeter();
    const size = { frameWidth: 1280, frameHeight: 720, framesPerSecond: 25, packetsLost: 3 };
    const first = { ...size, bytesReceived: 1_000, jitterBufferDelay: 1, jitterBufferEmittedCount: 10 };
    expect(meter.observe(reading(1_000, first))).toEqual({
      codec: 'H264',
      width: 1280,
      height: 720,
      fps: 25,
      bitrate: null,
      bufferMs: null,
      lost: 3,
    });
    const next = { ...size, bytesReceived: 126_000, jitterBufferDelay: 1.5, jitterBufferEmittedCount: 35 };
    expect(meter.observe(reading(1_500, next))).toMatchObject({ bitrate: 2_000_000, bufferMs: 20 });
  });

  it('takes rates over the last two seconds', () => {
    const meter = new DirectMeter();
    for (let at = 0; at <= 10_000; at += 500) meter.observe(reading(at, { bytesReceived: at * 100 }));
    // From here on nothing comes any more.
    const still = { bytesReceived: 1_000_000 };
    expect(meter.observe(reading(11_000, still)).bitrate).toBe(400_000);
    expect(meter.observe(reading(12_000, still)).bitrate).toBe(0);
  });

  it('knows nothing of what the browser leaves out', () => {
    const meter = new DirectMeter();
    expect(meter.observe([])).toEqual(NO_DIRECT_FACTS);
    meter.observe(reading(0, {}));
    expect(meter.observe(reading(500, {}))).toEqual({ ...NO_DIRECT_FACTS, codec: 'H264' });
    expect(meter.observe([AUDIO])).toEqual(NO_DIRECT_FACTS);
  });

  it('says no rate where a count began anew or no time has passed', () => {
    const meter = new DirectMeter();
    meter.observe(reading(0, { bytesReceived: 5_000, jitterBufferDelay: 2, jitterBufferEmittedCount: 9 }));
    const anew = { bytesReceived: 10, jitterBufferDelay: 0.1, jitterBufferEmittedCount: 1 };
    expect(meter.observe(reading(500, anew))).toMatchObject({ bitrate: null, bufferMs: null });
    const meant = new DirectMeter();
    meant.observe(reading(0, { bytesReceived: 1 }));
    expect(meant.observe(reading(0, { bytesReceived: 9 })).bitrate).toBeNull();
  });

  it('forgets the connection before', () => {
    const meter = new DirectMeter();
    meter.observe(reading(0, { bytesReceived: 5_000 }));
    meter.observe([]);
    expect(meter.observe(reading(1_000, { bytesReceived: 9_000 })).bitrate).toBeNull();
  });
});
