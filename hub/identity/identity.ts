import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import type { Clock } from '../../platform/clock.ts';
import { writeFileSafely } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import { type CertificateAndKey, createAuthority, createServerCertificate } from './certificates.ts';
import { identityFiles } from './identity-files.ts';

const RENEW_BEFORE_MS = 45 * 24 * 60 * 60 * 1000;

/** What the hub shows to edges and browsers. */
export interface HubIdentity {
  /** The private authority's certificate, PEM. */
  caPem: string;
  /** Server certificate and key, PEM. */
  server: CertificateAndKey;
}

/**
 * Loads the hub's private authority and its server certificate; makes them at first boot. The server certificate is
 * made anew when the names changed or it ends within 45 days; the authority stays, so edges and browsers need nothing.
 * @param names DNS names and IP addresses under which the hub is reached
 */
export async function loadIdentity(
  dataFolder: string,
  names: readonly string[],
  { clock, log }: { clock: Clock; log: Log },
): Promise<HubIdentity> {
  const files = identityFiles(dataFolder);
  const authority = await loadOrCreateAuthority(files, { clock, log });
  if (existsSync(files.server) && existsSync(files.serverKey)) {
    const server = { cert: await readFile(files.server, 'utf8'), key: await readFile(files.serverKey, 'utf8') };
    const why = reasonToRenew(server.cert, authority.cert, names, clock.nowMs());
    if (why === null) return { caPem: authority.cert, server };
    log.info({ names, why }, 'the server certificate is made anew');
  }
  const server = await createServerCertificate(authority, [...new Set(names)], clock.nowMs());
  await writeFileSafely(files.serverKey, server.key);
  await writeFileSafely(files.server, server.cert, 0o644);
  return { caPem: authority.cert, server };
}

async function loadOrCreateAuthority(
  files: { ca: string; caKey: string },
  { clock, log }: { clock: Clock; log: Log },
): Promise<CertificateAndKey> {
  if (existsSync(files.ca) && existsSync(files.caKey)) {
    return { cert: await readFile(files.ca, 'utf8'), key: await readFile(files.caKey, 'utf8') };
  }
  const authority = await createAuthority(`Sharp Eyes ${hostname()}`.replace(/[^A-Za-z0-9 ._-]/g, ''), clock.nowMs());
  await writeFileSafely(files.caKey, authority.key);
  await writeFileSafely(files.ca, authority.cert, 0o644);
  log.info({ file: files.ca }, 'the private certificate authority was made');
  return authority;
}

type RenewalReason = 'names-changed' | 'ends-soon' | 'other-authority';

/** Why a server certificate has to be made anew; null when it is good. */
export function reasonToRenew(
  certPem: string,
  caPem: string,
  names: readonly string[],
  nowMs: number,
): RenewalReason | null {
  const cert = new X509Certificate(certPem);
  if (!cert.verify(new X509Certificate(caPem).publicKey)) return 'other-authority';
  if (new Date(cert.validTo).getTime() - nowMs < RENEW_BEFORE_MS) return 'ends-soon';
  const wanted = new Set(names);
  const covered = (cert.subjectAltName ?? '').split(', ').length === wanted.size;
  const covers = (name: string): boolean => (isIP(name) ? cert.checkIP(name) : cert.checkHost(name)) !== undefined;
  const all = [...wanted].every(covers);
  return covered && all ? null : 'names-changed';
}

/** Names for the certificate when none are configured: this machine's name and the addresses it listens on. */
export function namesOfMachine(listenHost: string): string[] {
  const names = new Set(['localhost', '127.0.0.1', '::1', hostname().toLowerCase()]);
  const isAny = listenHost === '0.0.0.0' || listenHost === '::';
  if (!isAny) names.add(listenHost);
  else {
    for (const addresses of Object.values(networkInterfaces())) {
      for (const { address, internal } of addresses ?? []) if (!internal && !address.includes('%')) names.add(address);
    }
  }
  return [...names].filter((name) => /^[A-Za-z0-9.:-]{1,253}$/.test(name));
}

/** Whether an address can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
