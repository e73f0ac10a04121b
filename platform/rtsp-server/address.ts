/** Where an RTSP address on this server points. */
export interface StreamAddress {
  deviceId: string;
  /** `main` or `sub`, not yet checked; `main` where the address names none. */
  stream: string;
  /** Number of the track; null for the stream as a whole. */
  track: number | null;
}

const PATH = /^(?:rtsps?:\/\/[^/?#]*)?\/([^/?#]{1,128})(?:\/([^/?#]{1,16}))?(?:\/trackID=(\d{1,2}))?\/?(?:\?[^#]*)?$/i;

/** Reads `rtsp://host:port/<device>/<stream>[/trackID=n]`; null when it is no such address. */
export function parseStreamAddress(uri: string): StreamAddress | null {
  const match = PATH.exec(uri);
  if (match === null) return null;
  const [, deviceId = '', stream, track] = match;
  if (stream?.startsWith('trackID=') === true) return { deviceId, stream: 'main', track: trackNumber(stream.slice(8)) };
  return { deviceId, stream: stream ?? 'main', track: trackNumber(track) };
}

/** The address of the stream as a whole, as `Content-Base` has it: without query, with a slash at its end. */
export function baseOf(uri: string): string {
  const bare = uri.replace(/[?#].*$/, '');
  return bare.endsWith('/') ? bare : `${bare}/`;
}

function trackNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,2}$/.test(text) ? Number(text) : null;
}
