import { parseTransport } from '../../protocols/rtsp/transport.ts';

/** How one track is to be sent, and what the answer says. */
export type ChosenTransport =
  | { kind: 'tcp'; channels: readonly [rtp: number, rtcp: number]; header: string }
  | { kind: 'udp'; clientPorts: readonly [rtp: number, rtcp: number]; header: string };

/**
 * The first of the client's alternatives that can be served; null when none can.
 * @param options `udpPort` is null when UDP is off; `track` chooses channels where the client left them open
 */
export function chooseTransport(
  value: string,
  options: { track: number; udpPort: number | null; takenChannels: ReadonlySet<number> },
): ChosenTransport | null {
  for (const { profile, multicast, interleaved, clientPort } of parseTransport(value.slice(0, 1024))) {
    if (multicast) continue;
    if (profile === 'RTP/AVP/TCP') {
      const channels = interleaved ?? ([options.track * 2, options.track * 2 + 1] as const);
      if (channels[0] === channels[1] || channels.some((channel) => options.takenChannels.has(channel))) continue;
      return { kind: 'tcp', channels, header: `RTP/AVP/TCP;unicast;interleaved=${channels[0]}-${channels[1]}` };
    }
    const isUdp = profile === 'RTP/AVP' || profile === 'RTP/AVP/UDP';
    if (!isUdp || options.udpPort === null || clientPort === null || clientPort[0] < 1024 || clientPort[1] < 1024)
      continue;
    const ports = `client_port=${clientPort[0]}-${clientPort[1]};server_port=${options.udpPort}-${options.udpPort + 1}`;
    return { kind: 'udp', clientPorts: clientPort, header: `${profile};unicast;${ports}` };
  }
  return null;
}
