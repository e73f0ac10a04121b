import { SharpEyesError } from '../../contract/errors.ts';
import type { Credentials } from '../http-digest/client.ts';
import { header, type RtspResponse } from './message.ts';

/** Where an RTSP URL points, with its user information taken out. */
export interface RtspTarget {
  /** The URL as it goes into request lines: no user information, otherwise untouched. */
  url: string;
  host: string;
  port: number;
  secure: boolean;
  /** User name and password that stood in the URL. */
  credentials: Credentials | null;
}

const RTSP_URL = /^(rtsps?):\/\/(?:([^/?#]*)@)?(\[[0-9a-f:.%]+\]|[^/?#:@]+)(?::(\d{1,5}))?([/?#].*)?$/i;

/**
 * Takes an `rtsp://` or `rtsps://` URL apart. It does not pass through a URL class: the path and query of cameras
 * often hold characters that one would rewrite, and the camera then no longer knows them.
 * @throws SharpEyesError CONFIG_INVALID when it is no RTSP URL
 */
export function parseRtspUrl(text: string): RtspTarget {
  const match = RTSP_URL.exec(text.trim());
  const port = Number(match?.[4] ?? (match?.[1]?.toLowerCase() === 'rtsps' ? 322 : 554));
  if (match === null || port < 1 || port > 65_535) {
    throw new SharpEyesError('CONFIG_INVALID', 'A stream address must look like rtsp://host:port/path.');
  }
  const scheme = (match[1] ?? '').toLowerCase();
  const authority = `${match[3] ?? ''}${match[4] === undefined ? '' : `:${match[4]}`}`;
  return {
    url: `${scheme}://${authority}${match[5] ?? '/'}`,
    host: (match[3] ?? '').replace(/^\[|\]$/g, ''),
    port,
    secure: scheme === 'rtsps',
    credentials: userInformation(match[2]),
  };
}

function userInformation(text: string | undefined): Credentials | null {
  if (text === undefined || text === '') return null;
  const colon = text.indexOf(':');
  const username = colon === -1 ? text : text.slice(0, colon);
  return { username: percentDecode(username), password: colon === -1 ? '' : percentDecode(text.slice(colon + 1)) };
}

function percentDecode(text: string): string {
  return Buffer.from(
    text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    /%[0-9a-f]{2}/i.test(text) ? 'latin1' : 'utf8',
  ).toString('utf8');
}

/**
 * The base for relative control addresses: Content-Base, else Content-Location, else the request's URL (RFC 2326
 * appendix C.1.1). Devices send them empty, without scheme, or as a path; these are completed from the request.
 */
export function contentBase(response: RtspResponse, requestUrl: string): string {
  const given = [header(response, 'content-base'), header(response, 'content-location')].find(
    (value) => value !== null && value !== '',
  );
  if (given === undefined || given === null) return requestUrl;
  if (/^rtsps?:\/\//i.test(given)) return given;
  const origin = /^(rtsps?:)\/\/[^/?#]*/i.exec(requestUrl);
  if (origin === null) return requestUrl;
  if (given.startsWith('//')) return `${origin[1]}${given}`;
  if (given.startsWith('/')) return `${origin[0]}${given}`;
  return /^[\w.-]+(:\d+)?\//.test(given) ? `${origin[1]}//${given}` : requestUrl;
}

/**
 * The address of `a=control`. A relative one is appended to the base, query and all, as cameras expect and other
 * clients do; resolving it by RFC 3986 would cut `?channel=1&subtype=0` off.
 */
export function resolveControl(base: string, control: string | null): string {
  if (control === null || control === '' || control === '*') return base;
  if (/^rtsps?:\/\//i.test(control)) return control;
  if (control.startsWith('?')) return base.replace(/\/$/, '') + control;
  const slash = base.endsWith('/') ? '' : '/';
  return base + (control.startsWith('/') ? (slash === '' ? control.slice(1) : control) : slash + control);
}
