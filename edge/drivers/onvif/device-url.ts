import { SharpEyesError } from '../../../contract/errors.ts';
import { parseRtspUrl } from '../../../protocols/rtsp/url.ts';

/**
 * Reads a device's address; user information is dropped.
 * @throws SharpEyesError INVALID_BODY when it is no http or https address
 */
export function parseDeviceUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new SharpEyesError('INVALID_BODY', 'the address of an ONVIF device begins with http:// or https://');
  }
  url.username = '';
  url.password = '';
  return url;
}

/**
 * A web address that a device gave, at the host that answers: devices announce hosts of other networks, names nobody
 * resolves and ports of their inside. Nothing but the device itself is ever dialled for it.
 * @returns null when it is no http or https address
 */
export function atDevice(given: string, device: URL): string | null {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null;
  url.username = '';
  url.password = '';
  if (url.hostname === device.hostname) return url.href;
  url.hostname = device.hostname;
  if (url.protocol === device.protocol) url.port = device.port;
  return url.href;
}

/** The same for an RTSP address, of which nothing but host and user information may be touched; null when it is none. */
export function streamAtDevice(given: string, device: URL): string | null {
  try {
    const { url, host } = parseRtspUrl(given);
    return host === device.hostname ? url : url.replace(/^(rtsps?:\/\/)(\[[^\]]*\]|[^/?#:]+)/, `$1${device.hostname}`);
  } catch (error) {
    if (error instanceof SharpEyesError) return null;
    throw error;
  }
}
