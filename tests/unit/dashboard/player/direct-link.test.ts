import { beforeEach, describe, expect, it } from 'vitest';
import { NO_DIRECT_FACTS } from '../../../../dashboard/src/player/direct-facts.ts';
import { DirectLink, type PeerLike } from '../../../../dashboard/src/player/direct-link.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

/** What a browser's connection does here: nothing, until a test says so. */
class FakeConnection implements PeerLike {
  static last: FakeConnection;
  connectionState = 'new';
  closed = false;
  ontrack: ((event: { track: never }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  constructor() {
    FakeConnection.last = this;
  }
  addTransceiver() {
    return { receiver: { jitterBufferTarget: null } };
  }
  async createOffer() {
    return { type: 'offer' as const, sdp: 'offer' };
  }
  setLocalDescription = () => Promise.resolve();
  setRemoteDescription = () => Promise.resolve();
  async getStats() {
    return new Map([
      ['V', { id: 'V', type: 'inbound-rtp', kind: 'video', timestamp: 1, frameWidth: 640, frameHeight: 360 }],
    ]);
  }
  close(): void {
    this.closed = true;
  }
  becomes(state: string): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}

let clock: FakeClock;
let quality: { totalVideoFrames: number; droppedVideoFrames: number };
let said: string[];
let picture: unknown;

function link(open = async () => ({ sdp: 'answer', location: '/api/direct/1' })): DirectLink {
  return new DirectLink({
    video: { getVideoPlaybackQuality: () => quality },
    connect: () => new FakeConnection(),
    show: (track) => {
      picture = track;
    },
    clock: {
      nowMs: () => clock.nowMs(),
      after: (delayMs, run) => {
        const timer = clock.after(delayMs, run);
        return () => timer.cancel();
      },
    },
    open,
    close: (location) => said.push(`close ${location}`),
    onPlaying: () => said.push('playing'),
    onLeave: () => said.push(picture === null ? 'leave without picture' : 'leave'),
    onOver: (isUnreachable) => said.push(isUnreachable ? 'unreachable' : 'over'),
  });
}

/** Connected, and `frames` have been painted. */
async function plays(made: DirectLink, frames: number): Promise<void> {
  await made.start();
  FakeConnection.last.becomes('connected');
  picture = {};
  quality.totalVideoFrames = frames;
  await clock.advance(300);
}

beforeEach(() => {
  clock = new FakeClock();
  quality = { totalVideoFrames: 0, droppedVideoFrames: 0 };
  said = [];
  picture = null;
});

describe('DirectLink', () => {
  it('plays from the first frame on and counts what was painted', async () => {
    const made = link();
    quality.droppedVideoFrames = 2;
    await plays(made, 12);
    expect(said).toEqual(['playing']);
    expect(made.presentedFrames).toBe(10);
    quality.totalVideoFrames = 40;
    await clock.advance(250);
    expect(made.presentedFrames).toBe(38);
    made.stop();
    expect(made.presentedFrames).toBe(38);
  });

  it('gives the tile a last look at its picture before it goes', async () => {
    const made = link();
    await plays(made, 5);
    made.stop();
    expect(said).toEqual(['playing', 'leave', 'close /api/direct/1']);
    expect(picture).toBeNull();
    expect(FakeConnection.last.closed).toBe(true);
  });

  it('is over when no more frames come', async () => {
    await plays(link(), 5);
    await clock.advance(3500);
    expect(said).toEqual(['playing', 'leave', 'close /api/direct/1', 'over']);
  });

  it('tells another network from a stream that does not come this way', async () => {
    await link().start();
    await clock.advance(3500);
    expect(said.at(-1)).toBe('unreachable');

    said = [];
    await link().start();
    FakeConnection.last.becomes('connected');
    FakeConnection.last.becomes('disconnected');
    expect(said.at(-1)).toBe('over');

    said = [];
    await link(() => Promise.reject(new Error('refused'))).start();
    expect(said).toEqual(['leave without picture', 'over']);
  });

  it('has facts while it plays, and none afterwards', async () => {
    const made = link();
    await plays(made, 5);
    expect(await made.facts()).toMatchObject({ width: 640, height: 360, bitrate: null });
    const reading = made.facts();
    made.stop();
    expect(await reading).toEqual(NO_DIRECT_FACTS);
    expect(await made.facts()).toEqual(NO_DIRECT_FACTS);
  });
});
