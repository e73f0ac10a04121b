/** What one alternative of a `Transport` header says (RFC 2326 section 12.39). */
export interface Transport {
  /** `RTP/AVP/TCP`, `RTP/AVP` and so on, upper case. */
  profile: string;
  multicast: boolean;
  /** Channels of RTP and RTCP in interleaved mode. */
  interleaved: readonly [rtp: number, rtcp: number] | null;
  clientPort: readonly [rtp: number, rtcp: number] | null;
  serverPort: readonly [rtp: number, rtcp: number] | null;
  /** Synchronization source announced by the server. */
  ssrc: number | null;
}

/** The `Transport` value that asks for interleaved RTP on the given channel and the one above. */
export function interleavedTransport(rtpChannel: number): string {
  return `RTP/AVP/TCP;unicast;interleaved=${rtpChannel}-${rtpChannel + 1}`;
}

/** The `Transport` value that asks for RTP over UDP to our even port and RTCP to the one above. */
export function udpTransport(rtpPort: number): string {
  return `RTP/AVP;unicast;client_port=${rtpPort}-${rtpPort + 1}`;
}

/** Every alternative of a `Transport` value, in the peer's order of preference. */
export function parseTransport(value: string): Transport[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseAlternative);
}

function parseAlternative(text: string): Transport {
  const [profile = '', ...params] = text.split(';').map((part) => part.trim());
  const transport: Transport = {
    profile: profile.toUpperCase(),
    multicast: params.some((param) => param.toLowerCase() === 'multicast'),
    interleaved: null,
    clientPort: null,
    serverPort: null,
    ssrc: null,
  };
  for (const param of params) {
    const equals = param.indexOf('=');
    if (equals === -1) continue;
    const value = param.slice(equals + 1).trim();
    const name = param.slice(0, equals).trim().toLowerCase();
    if (name === 'interleaved') transport.interleaved = range(value, 255);
    else if (name === 'client_port') transport.clientPort = range(value, 65_535);
    else if (name === 'server_port') transport.serverPort = range(value, 65_535);
    // A known camera pads a short value with a space in front of it.
    else if (name === 'ssrc' && /^[0-9a-f]{1,8}$/i.test(value)) transport.ssrc = Number.parseInt(value, 16);
  }
  return transport;
}

function range(value: string, max: number): readonly [number, number] | null {
  const match = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(value);
  if (match === null) return null;
  const first = Number(match[1]);
  const second = match[2] === undefined ? first + 1 : Number(match[2]);
  return first <= max && second <= max ? [first, second] : null;
}
