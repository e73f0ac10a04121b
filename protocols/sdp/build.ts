/** One media section to describe. */
export interface MediaToDescribe {
  kind: 'video' | 'audio' | 'application';
  payloadType: number;
  /** `H264/90000` … */
  rtpmap: string;
  fmtp?: string;
  control: string;
  /** Further `a=` lines, without the `a=`. */
  attributes?: readonly string[];
}

/** The text of a session description for RTSP (RFC 8866, RFC 2326 appendix C). */
export function buildSdp(session: {
  name: string;
  sessionId: number;
  /** IPv4 or IPv6. */
  address: string;
  medias: readonly MediaToDescribe[];
}): string {
  const isV6 = session.address.includes(':');
  const lines = [
    'v=0',
    `o=- ${session.sessionId} 1 IN ${isV6 ? 'IP6' : 'IP4'} ${session.address}`,
    `s=${session.name.replace(/[\r\n]/g, ' ')}`,
    isV6 ? 'c=IN IP6 ::' : 'c=IN IP4 0.0.0.0',
    't=0 0',
    'a=control:*',
    'a=range:npt=now-',
  ];
  for (const media of session.medias) {
    lines.push(`m=${media.kind} 0 RTP/AVP ${media.payloadType}`, `a=rtpmap:${media.payloadType} ${media.rtpmap}`);
    if (media.fmtp !== undefined) lines.push(`a=fmtp:${media.payloadType} ${media.fmtp}`);
    for (const attribute of media.attributes ?? []) lines.push(`a=${attribute}`);
    lines.push(`a=control:${media.control}`);
  }
  return `${lines.join('\r\n')}\r\n`;
}

const base64 = (nal: Uint8Array): string => Buffer.from(nal).toString('base64');

/** The `fmtp` of an H.264 track: packetization mode 1 with its parameter sets, SPS first (RFC 6184 section 8.1). */
export function h264Fmtp(sps: Uint8Array, ...others: readonly Uint8Array[]): string {
  const profile = Buffer.from(sps.subarray(1, 4)).toString('hex').toUpperCase();
  const sets = [sps, ...others].map(base64).join(',');
  return `packetization-mode=1;profile-level-id=${profile};sprop-parameter-sets=${sets}`;
}

/** The `fmtp` of an H.265 track without interleaving (RFC 7798 section 7.1). */
export function h265Fmtp(sets: {
  vps: readonly Uint8Array[];
  sps: readonly Uint8Array[];
  pps: readonly Uint8Array[];
}): string {
  const list = (nals: readonly Uint8Array[]): string => nals.map(base64).join(',');
  return `sprop-vps=${list(sets.vps)};sprop-sps=${list(sets.sps)};sprop-pps=${list(sets.pps)}`;
}

/** The `fmtp` of an AAC track in the high bit-rate mode (RFC 3640 section 3.3.6). @param config AudioSpecificConfig */
export function aacFmtp(config: Uint8Array): string {
  const hex = Buffer.from(config).toString('hex').toUpperCase();
  return `streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=${hex}`;
}
