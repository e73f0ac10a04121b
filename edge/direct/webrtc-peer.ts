import type { RTCPeerConnection, RTCRtpSender } from 'werift';
import { withoutCandidates } from './offer-sdp.ts';

/** A WebRTC connection that sends one H.264 track; a test puts its own in its place. */
export interface DirectPeer {
  /** Answers a viewer's offer (SDP). */
  answer(offer: string): Promise<string>;
  /** Sends one RTP packet; what cannot be sent is lost. */
  send(packet: Uint8Array): void;
  close(): Promise<void>;
}

/** What happens to a {@link DirectPeer}. */
export interface DirectPeerEvents {
  /** Once, when packets may be sent. */
  onConnected(): void;
  /** Once, when the viewer is gone. */
  onClosed(): void;
}

/** Where viewers may reach the edge. */
export interface DirectAddresses {
  /** Addresses of this machine that viewers are told; null: every one but loopback. */
  addresses: readonly string[] | null;
  ports: readonly [first: number, last: number] | null;
}

/**
 * Opens a connection. The edge is "ICE lite" (RFC 8445 section 2.5): it answers checks and sends none, so no STUN or
 * TURN server is ever asked and nothing is dialled.
 */
export async function openDirectPeer(
  { addresses, ports }: DirectAddresses,
  events: DirectPeerEvents,
): Promise<DirectPeer> {
  // Loaded when the first viewer comes: most edges never need it.
  const { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters } = await import('werift');
  const connection = new RTCPeerConnection({
    iceServers: [],
    iceLite: true,
    ...(addresses === null ? {} : { iceUseIpv4: false, iceUseIpv6: false, iceAdditionalHostAddresses: [...addresses] }),
    ...(ports === null ? {} : { icePortRange: [...ports] }),
    codecs: {
      audio: [],
      video: [
        new RTCRtpCodecParameters({
          mimeType: 'video/H264',
          clockRate: 90_000,
          rtcpFeedback: [{ type: 'nack' }],
          parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
        }),
      ],
    },
  });
  const { sender } = connection.addTransceiver(new MediaStreamTrack({ kind: 'video' }), { direction: 'sendonly' });
  return new WeriftPeer(connection, sender, events);
}

class WeriftPeer implements DirectPeer {
  readonly #connection: RTCPeerConnection;
  readonly #sender: RTCRtpSender;
  #state: 'opening' | 'connected' | 'closed' = 'opening';

  constructor(connection: RTCPeerConnection, sender: RTCRtpSender, events: DirectPeerEvents) {
    this.#connection = connection;
    this.#sender = sender;
    connection.connectionStateChange.subscribe((state) => {
      if (state === 'connected' && this.#state === 'opening') {
        this.#state = 'connected';
        events.onConnected();
      }
      const isOver = state === 'closed' || state === 'failed' || state === 'disconnected';
      if (!isOver || this.#state === 'closed') return;
      this.#state = 'closed';
      events.onClosed();
    });
  }

  async answer(offer: string): Promise<string> {
    await this.#connection.setRemoteDescription({ type: 'offer', sdp: withoutCandidates(offer) });
    await this.#connection.setLocalDescription(await this.#connection.createAnswer());
    const { sdp } = this.#connection.localDescription ?? { sdp: '' };
    return sdp;
  }

  send(packet: Uint8Array): void {
    if (this.#state !== 'connected') return;
    const bytes = Buffer.from(packet.buffer, packet.byteOffset, packet.length);
    // A viewer that has just gone: its end is heard by the connection's state.
    this.#sender.sendRtp(bytes).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    await this.#connection.close();
  }
}
