import { isIPv6 } from 'node:net';

/** IPv4 addresses as such, also on a socket for both families. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/**
 * What bounds are counted by: an IPv4 address, or the /64 network of an IPv6 one, because one machine may take every
 * address in it.
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  // An IPv4 address at the end stands for two groups.
  const bare = address.replace(/%.*$/, '').replace(/\d+(\.\d+){3}$/, '0:0');
  const [left = [], right = []] = bare.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const zeros = new Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  const groups = [...left, ...zeros, ...right].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
