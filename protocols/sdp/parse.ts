import { SharpEyesError } from '../../contract/errors.ts';
import type { Direction, RtpMap, SdpAttribute, SdpMedia, SessionDescription } from './description.ts';

const MAX_CHARS = 262_144;
const MAX_MEDIAS = 64;
const DIRECTIONS: readonly string[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

interface Section {
  attributes: SdpAttribute[];
  media: { kind: string; port: number; protocol: string; formats: string[] } | null;
}

/**
 * Reads a session description (RFC 8866) as cameras write it: lines in any order, missing `o=`, `s=` or `t=`,
 * malformed origins and connections, LF alone, empty lines. What is not needed for receiving is not looked at.
 * @throws SharpEyesError RTSP_PROTOCOL when the text is no session description at all
 */
export function parseSdp(text: string): SessionDescription {
  if (text.length > MAX_CHARS) {
    throw new SharpEyesError('RTSP_PROTOCOL', `The session description is longer than ${MAX_CHARS} characters.`);
  }
  const session: Section & { name: string | null } = { attributes: [], media: null, name: null };
  const sections: Section[] = [];
  let known = 0;
  for (const line of text.split(/\r\n|\n|\r/)) {
    const match = /^\s*([a-z])=(.*)$/.exec(line);
    if (match === null) continue;
    known += 1;
    const value = match[2] ?? '';
    if (match[1] === 'm') {
      if (sections.length === MAX_MEDIAS) break;
      sections.push({ attributes: [], media: parseMediaLine(value) });
    } else if (match[1] === 'a') {
      (sections.at(-1) ?? session).attributes.push(parseAttribute(value));
    } else if (match[1] === 's' && sections.length === 0) {
      session.name ??= value;
    }
  }
  if (known === 0) throw new SharpEyesError('RTSP_PROTOCOL', 'The answer to DESCRIBE is no session description.');
  return {
    name: session.name,
    control: attributeValue(session, 'control'),
    range: attributeValue(session, 'range'),
    attributes: session.attributes,
    medias: sections.map(toMedia),
  };
}

function parseMediaLine(value: string): NonNullable<Section['media']> {
  const [kind = '', port = '', protocol = '', ...formats] = value.trim().split(/\s+/);
  return { kind, port: Number.parseInt(port, 10) || 0, protocol, formats };
}

function parseAttribute(text: string): SdpAttribute {
  const colon = text.indexOf(':');
  if (colon === -1) return { name: text.trim(), value: null };
  return { name: text.slice(0, colon).trim(), value: text.slice(colon + 1).trim() };
}

function attributeValue(section: Section, name: string): string | null {
  return section.attributes.find((attribute) => attribute.name === name && attribute.value !== null)?.value ?? null;
}

function toMedia(section: Section): SdpMedia {
  const rtpmaps = new Map<string, RtpMap>();
  const fmtps = new Map<string, string>();
  let direction: Direction | null = null;
  for (const { name, value } of section.attributes) {
    if (value === null && DIRECTIONS.includes(name)) direction = name as Direction;
    const [, format = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(value ?? '') ?? [];
    if (name === 'fmtp' && format !== '') fmtps.set(format, rest.trim());
    const map = name === 'rtpmap' ? parseRtpMap(rest) : null;
    if (map !== null) rtpmaps.set(format, map);
  }
  const media = section.media ?? { kind: '', port: 0, protocol: '', formats: [] };
  return {
    ...media,
    rtpmaps,
    fmtps,
    control: attributeValue(section, 'control'),
    direction,
    attributes: section.attributes,
  };
}

function parseRtpMap(text: string): RtpMap | null {
  const match = /^([^\s/]+)\/(\d{1,9})(?:\/(\d{1,3}))?\s*$/.exec(text);
  if (match === null) return null;
  return {
    encoding: match[1] ?? '',
    clockRate: Number(match[2]),
    channels: match[3] === undefined ? null : Number(match[3]),
  };
}
