import { NAMESPACES } from '../soap/namespaces.ts';

/**
 * A topic as profiles match it: `tns1:` in front of ONVIF's own root whatever prefix the device bound to it, no white
 * space, and only the last root where firmware glued two together (`tns1:VideoSource/tns1:Device/…`).
 */
export function canonicalTopic(written: string, scope: ReadonlyMap<string, string>): string {
  const segments = written
    .replace(/\s+/g, '')
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => canonicalSegment(segment, scope));
  const lastRoot = segments.findLastIndex((segment) => segment.startsWith('tns1:'));
  return segments.slice(Math.max(0, lastRoot)).join('/').slice(0, 256);
}

function canonicalSegment(segment: string, scope: ReadonlyMap<string, string>): string {
  const colon = segment.indexOf(':');
  if (colon < 0) return segment;
  const isOnvif = scope.get(segment.slice(0, colon)) === NAMESPACES.tns1;
  return isOnvif ? `tns1:${segment.slice(colon + 1)}` : segment;
}
