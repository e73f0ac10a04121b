import { createHash, randomBytes } from 'node:crypto';
import type { Role } from '../../contract/access.ts';

/** A signed-in person. */
export interface Session {
  /** SHA-256 of the token, hexadecimal; safe to keep and to compare. */
  sessionId: string;
  account: string;
  displayName: string;
  role: Role;
  /** Region ids; empty for the whole tree. */
  areas: readonly string[];
  /** Hub time. */
  expiresAtMs: number;
  mustChangePassword: boolean;
}

/** Name of the session cookie. */
export const SESSION_COOKIE = 'sharp_eyes_session';

/** A new token: 256 random bits, base64url. Only its hash is stored. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of a token. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The session token in a `Cookie` header; null when there is none. */
export function tokenFromCookies(header: string | undefined): string | null {
  for (const part of (header ?? '').slice(0, 8192).split(';')) {
    const [name, value] = part.trim().split('=');
    if (name === SESSION_COOKIE && value !== undefined && /^[A-Za-z0-9_-]{43}$/.test(value)) return value;
  }
  return null;
}
