import type { FastifyReply } from 'fastify';
import { SESSION_COOKIE } from '../access/session.ts';
import { SESSION_MS } from '../access/sessions.ts';

function setCookie(reply: FastifyReply, value: string, maxAgeSeconds: number, isSecure: boolean): void {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Strict', `Max-Age=${maxAgeSeconds}`];
  if (isSecure) attributes.push('Secure');
  reply.header('set-cookie', [`${SESSION_COOKIE}=${value}`, ...attributes].join('; '));
}

/** Hands the session token to the browser, out of reach of its scripts. */
export function setSessionCookie(reply: FastifyReply, token: string, isSecure: boolean): void {
  setCookie(reply, token, Math.floor(SESSION_MS / 1000), isSecure);
}

/** Takes the session token back. */
export function clearSessionCookie(reply: FastifyReply, isSecure: boolean): void {
  setCookie(reply, '', 0, isSecure);
}
