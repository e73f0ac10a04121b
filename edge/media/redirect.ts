import type { Credentials } from '../../protocols/http-digest/client.ts';
import { header, type RtspMessage } from '../../protocols/rtsp/message.ts';
import { parseRtspUrl, type RtspTarget } from '../../protocols/rtsp/url.ts';
import { streamError } from './stream-error.ts';

/** Where to sign in, and with what. */
export interface Dial {
  target: RtspTarget;
  credentials: Credentials | null;
}

/** The device sends us elsewhere; not a failure. */
export class Redirected extends Error {
  readonly location: string;

  constructor(location: string) {
    super('the device sends us to another address');
    this.location = location;
  }
}

const MAX_REDIRECTS = 3;
const STATUSES: ReadonlySet<number> = new Set([300, 301, 302, 303, 305, 307, 308]);

/** Throws {@link Redirected} where a response says so (RFC 2326 section 11.3) and names an address. */
export function checkRedirect(response: RtspMessage): void {
  if (response.kind === 'response' && !STATUSES.has(response.status)) return;
  const location = header(response, 'location');
  if (location !== null && location !== '') throw new Redirected(location);
}

/**
 * Calls `attempt` with the first address and, while the device sends us on, with the next, three times at most. A
 * password goes to no other host than the one it was given for, and not from TLS to clear text.
 * @throws whatever `attempt` throws; SharpEyesError STREAM_REFUSED for too many redirects or an address that is none
 */
export async function followRedirects(first: Dial, attempt: (dial: Dial) => Promise<void>): Promise<void> {
  let dial = first;
  for (let redirects = 0; ; redirects += 1) {
    try {
      return await attempt(dial);
    } catch (error) {
      if (!(error instanceof Redirected)) throw error;
      if (redirects === MAX_REDIRECTS) {
        throw streamError('refused', `${first.target.host} sends us on more than ${MAX_REDIRECTS} times`);
      }
      dial = next(dial, error.location, first);
    }
  }
}

function next(from: Dial, location: string, first: Dial): Dial {
  const target = resolve(from.target, location);
  const known = first.target.host.toLowerCase() === target.host.toLowerCase();
  const safe = target.secure || !first.target.secure;
  return { target, credentials: target.credentials ?? (known && safe ? first.credentials : null) };
}

/** Some devices send a path instead of an address. */
function resolve(from: RtspTarget, location: string): RtspTarget {
  const origin = /^rtsps?:\/\/[^/?#]*/i.exec(from.url)?.[0] ?? '';
  try {
    return parseRtspUrl(location.startsWith('/') ? origin + location : location);
  } catch (cause) {
    throw streamError('refused', `${from.host} sends us to an address that is none`, cause);
  }
}
