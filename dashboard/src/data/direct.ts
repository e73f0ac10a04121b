import { SDP_TYPE } from '../../../contract/api/direct.ts';
import type { DirectAnswer } from '../player/direct-link.ts';
import { routeUrl } from '../transport/api-client.ts';
import { ApiError } from '../transport/api-error.ts';

/** The hub asks the edge as well. */
const TIMEOUT_MS = 10_000;

/** Arranges a stream straight from the edge (WHEP). Throws where that cannot be. */
export async function openDirect(deviceId: string, stream: 'main' | 'sub', offer: string): Promise<DirectAnswer> {
  const response = await fetch(routeUrl('openDirect', { deviceId }, { stream }), {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': SDP_TYPE },
    body: offer,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const location = response.headers.get('location');
  if (!response.ok || location === null) throw new ApiError('INTERNAL', response.status, 'no direct path');
  return { sdp: await response.text(), location };
}

/** Ends it; also while the page is being left. */
export function closeDirect(location: string): void {
  // Its lease ends it when this does not arrive.
  fetch(location, { method: 'DELETE', credentials: 'same-origin', keepalive: true }).catch(() => undefined);
}
