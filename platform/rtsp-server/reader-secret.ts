import { digestHa1 } from '../../protocols/http-digest/response.ts';
import type { SecretBox } from '../secret-box.ts';
import type { ReaderSecret } from './digest-gate.ts';

/** The realm of every re-publishing server. It is part of each secret: changing it makes all of them useless. */
export const RTSP_REALM = 'Sharp Eyes';

/** What is kept of a reader's password. Whoever has it can sign in: it is stored sealed. */
export function makeReaderSecret(user: string, password: string): ReaderSecret {
  return {
    md5: digestHa1('md5', user, RTSP_REALM, password),
    sha256: digestHa1('sha256', user, RTSP_REALM, password),
  };
}

/** For the disk. */
export function sealReaderSecret(box: SecretBox, user: string, { md5, sha256 }: ReaderSecret): string {
  return box.seal(`${md5} ${sha256}`, context(user));
}

/** Null when it cannot be opened: the reader has to be made anew. */
export function openReaderSecret(box: SecretBox, user: string, sealed: string): ReaderSecret | null {
  const [md5, sha256] = box.open(sealed, context(user))?.split(' ') ?? [];
  return md5 === undefined || sha256 === undefined ? null : { md5, sha256 };
}

function context(user: string): string {
  return `rtsp-reader/${user}`;
}
