/**
 * Whether a request that changes something, or opens a socket, comes from our own pages. Browsers always say where it
 * comes from; programs that are no browser say nothing and carry no cookie by accident.
 * @param origin the `Origin` header
 * @param host the `Host` header
 * @param options `otherPort` for sockets on a port of their own: host names have to match, ports need not
 */
export function isOwnOrigin(
  origin: string | undefined,
  host: string | undefined,
  options: { fetchSite?: string | undefined; otherPort?: boolean } = {},
): boolean {
  if (origin === undefined) {
    return options.fetchSite === undefined || options.fetchSite === 'same-origin' || options.fetchSite === 'none';
  }
  const from = URL.parse(origin);
  // A `Host` may hold anything, and whoever sends it need not be signed in.
  const own = from === null || host === undefined ? null : URL.parse(`${from.protocol}//${host}`);
  if (from === null || own === null) return false;
  return options.otherPort === true ? from.hostname === own.hostname : from.host === own.host;
}
