import { afterEach, expect, test, vi } from 'vitest';
import { RTCPeerConnection, RTCRtpCodecParameters } from 'werift';
import { type DirectPeer, openDirectPeer } from '../../../../edge/direct/webrtc-peer.ts';
import { RTP_HEADER_BYTES, writeRtpHeader } from '../../../../protocols/rtp/packet.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { waitFor } from '../../../support/wait.ts';

const clock = new FakeClock();
const viewer = new RTCPeerConnection({
  ...{ iceServers: [], iceUseIpv4: false, iceUseIpv6: false, iceAdditionalHostAddresses: ['127.0.0.1'] },
  codecs: { audio: [], video: [new RTCRtpCodecParameters({ mimeType: 'video/H264', clockRate: 90_000 })] },
});
let peer: DirectPeer | undefined;
afterEach(async () => {
  await peer?.close();
  await viewer.close();
});

test('a viewer that reports is there; one that says nothing for 15 s is gone, and is told once', async () => {
  const armed = vi.spyOn(clock, 'after');
  const events = { onConnected: vi.fn(), onClosed: vi.fn() };
  peer = await openDirectPeer({ addresses: ['127.0.0.1'], ports: null }, events, clock);
  viewer.addTransceiver('video', { direction: 'recvonly' });
  await viewer.setLocalDescription(await viewer.createOffer());
  const sdp = await peer.answer(viewer.localDescription?.sdp ?? '');
  await viewer.setRemoteDescription({ type: 'answer', sdp });
  await waitFor('the connection', () => events.onConnected.mock.calls.length === 1);
  // This viewer begins to report with the first packet.
  const packet = new Uint8Array(RTP_HEADER_BYTES + 20);
  writeRtpHeader(packet, 0, { payloadType: 96, marker: true, sequence: 1, timestamp: 1, ssrc: 1 });
  peer.send(packet);
  for (let round = 0; round < 3; round++) {
    const before = armed.mock.calls.length;
    await waitFor('a report', () => armed.mock.calls.length > before);
    await clock.advance(10_000);
    expect(events.onClosed).not.toHaveBeenCalled();
  }
  await clock.advance(15_000);
  expect(events.onClosed).toHaveBeenCalledTimes(1);
  await peer.close();
  expect(events.onClosed).toHaveBeenCalledTimes(1);
  expect(clock.timers).toBe(0);
});
