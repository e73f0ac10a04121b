import { createHash } from 'node:crypto';
import type { DeviceType } from '../../contract/device.ts';
import { isId } from '../../contract/ids.ts';
import { endpointKey, scopeFacts } from '../../protocols/ws-discovery/identity.ts';
import type { Announcement } from '../../protocols/ws-discovery/message.ts';

/** The candidate's id from its endpoint reference: the same after every change of address, readable where it can be. */
export function candidateIdOf(endpoint: string): string {
  const key = endpointKey(endpoint);
  const readable = `onvif-${key.replace(/^urn:uuid:/, '')}`;
  return isId(readable) ? readable : `onvif-${shortHash(key)}`;
}

/** Id of a device that was added by hand and has told no identity yet: from its address. */
export function manualCandidateId(driver: 'onvif' | 'rtsp', url: string): string {
  return `${driver}-${shortHash(url)}`;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}

/** What a device most likely is, by the ONVIF profiles it claims (A, C, D: access control). */
export function typeOf(announcement: Announcement): DeviceType {
  const profiles = scopeFacts(announcement.scopes).profiles.map((profile) => profile.toUpperCase());
  const isDoor = profiles.some((profile) => profile === 'A' || profile === 'C' || profile === 'D');
  const isCamera = profiles.some((profile) => ['STREAMING', 'S', 'T', 'G', 'M'].includes(profile));
  return isDoor && !isCamera ? 'door' : 'camera';
}

/**
 * The device service's address: of those it names the one with the host that answered, else the first one with that
 * host put in. Devices announce addresses of other networks, and nobody may send us elsewhere.
 */
export function serviceAddress(announcement: Announcement, from: string): string {
  const urls = announcement.xaddrs.flatMap((xaddr) => {
    const url = URL.canParse(xaddr) ? new URL(xaddr) : null;
    return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') ? [url] : [];
  });
  const host = from.includes(':') ? `[${from}]` : from;
  const url = urls.find(({ hostname }) => hostname === host) ?? urls[0] ?? new URL('http://host/onvif/device_service');
  url.hostname = host;
  url.username = '';
  url.password = '';
  return url.href;
}
