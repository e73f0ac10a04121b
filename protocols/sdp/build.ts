/** One media section to describe. */
export interface MediaToDescribe {
  kind: 'video' | 'audio' | 'application';
  payloadType: number;
  /** `H264/90000` … */
  rtpmap: string;
  fmtp?: string;
  control: string;
}

/** The text of a session description for RTSP (RFC 8866, RFC 2326 appendix C). */
export function buildSdp(session: {
  name: string;
  sessionId: number;
  address: string;
  medias: readonly MediaToDescribe[];
}): string {
  const lines = [
    'v=0',
    `o=- ${session.sessionId} 1 IN IP4 ${session.address}`,
    `s=${session.name.replace(/[\r\n]/g, ' ')}`,
    'c=IN IP4 0.0.0.0',
    't=0 0',
    'a=control:*',
    'a=range:npt=now-',
  ];
  for (const media of session.medias) {
    lines.push(`m=${media.kind} 0 RTP/AVP ${media.payloadType}`, `a=rtpmap:${media.payloadType} ${media.rtpmap}`);
    if (media.fmtp !== undefined) lines.push(`a=fmtp:${media.payloadType} ${media.fmtp}`);
    lines.push(`a=control:${media.control}`);
  }
  return `${lines.join('\r\n')}\r\n`;
}

/** The `fmtp` of an H.264 track: packetization mode 1 with its parameter sets (RFC 6184 section 8.1). */
export function h264Fmtp(sps: Uint8Array, pps: Uint8Array): string {
  const base64 = (nal: Uint8Array): string => Buffer.from(nal).toString('base64');
  const profile = Buffer.from(sps.subarray(1, 4)).toString('hex').toUpperCase();
  return `packetization-mode=1;profile-level-id=${profile};sprop-parameter-sets=${base64(sps)},${base64(pps)}`;
}
