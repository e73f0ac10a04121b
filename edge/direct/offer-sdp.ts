/** Browsers offer more than this only when something is wrong. */
const MAX_LINES = 2000;

/**
 * An offer without the viewer's own addresses. The edge waits to be reached and never sends to an address that somebody
 * wrote into a session description; names (mDNS) are not looked up either.
 */
export function withoutCandidates(offer: string): string {
  return lines(offer)
    .filter((line) => !line.startsWith('a=candidate:') && !line.startsWith('a=end-of-candidates'))
    .map((line) => `${line}\r\n`)
    .join('');
}

/** Whether a description offers to receive H.264 pictures. */
export function offersH264(offer: string): boolean {
  return /^m=video /m.test(offer) && /^a=rtpmap:\d+ H264\/90000/im.test(offer);
}

function lines(sdp: string): string[] {
  return sdp.split(/\r?\n/, MAX_LINES).filter((line) => line !== '');
}
