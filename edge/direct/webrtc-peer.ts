import type { RTCPeerConnection, RTCRtpSender } from 'werift';
import type { Clock, TimerHandle } from '../../platform/clock.ts';
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
  /** Once, when the viewer is gone, or is not heard any more. */
  onClosed(): void;
}

/** Where viewers may reach the edge. */
export interface DirectAddresses {
  /** Addresses of this machine that viewers are told; null: every one but loopback. */
  addresses: readonly string[] | null;
  ports: readonly [first: number, last: number] | null;
}

/** Browsers report what they receive every second or two. */
const SILENT_MS = 15_000;

/**
 * Opens a connection. The edge is "ICE lite" (RFC 8445 section 2.5): it answers checks and sends none, so no STUN or
 * TURN server is ever asked and nothing is dialled. Whether the viewer is still there is told by its reports (RTCP): a lite
 * agent makes no consent checks of its own (RFC 7675), and a viewer that lost its power says no farewell.
 */
export async function openDirectPeer(
  { addresses, ports }: DirectAddresses,
  events: DirectPeerEvents,
  clock: Clock,
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
  return new WeriftPeer(connection, sender, events, clock);
}

class WeriftPeer implements DirectPeer {
  readonly #connection: RTCPeerConnection;
  readonly #sender: RTCRtpSender;
  readonly #events: DirectPeerEvents;
  readonly #clock: Clock;
  #state: 'opening' | 'connected' | 'closed' = 'opening';
  #silence: TimerHandle | null = null;

  constructor(connection: RTCPeerConnection, sender: RTCRtpSender, events: DirectPeerEvents, clock: Clock) {
    this.#connection = connection;
    this.#sender = sender;
    this.#events = events;
    this.#clock = clock;
    connection.connectionStateChange.subscribe((state) => {
      if (state === 'connected' && this.#state === 'opening') {
        this.#state = 'connected';
        this.#listen();
        events.onConnected();
      }
      const isOver = state === 'closed' || state === 'failed' || state === 'disconnected';
      if (isOver) this.#lost();
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
    this.#silence?.cancel();
    await this.#connection.close();
  }

  /** At the transport: a report that names no stream, as while the camera sends nothing, never reaches the sender. */
  #listen(): void {
    this.#heard();
    this.#sender.transport?.onRtcp.subscribe(() => this.#heard());
  }

  #heard(): void {
    if (this.#state !== 'connected') return;
    this.#silence?.cancel();
    this.#silence = this.#clock.after(SILENT_MS, () => this.#lost());
  }

  #lost(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#silence?.cancel();
    this.#events.onClosed();
  }
}
