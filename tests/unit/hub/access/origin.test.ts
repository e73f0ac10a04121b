import { describe, expect, test } from 'vitest';
import { isOwnOrigin } from '../../../../hub/access/origin.ts';

describe('own origin', () => {
  test.each([
    ['the same host and port', 'https://hub.example:8443', 'hub.example:8443', true],
    ['the default port left out', 'https://hub.example', 'hub.example:443', true],
    ['another port', 'https://hub.example:9000', 'hub.example:8443', false],
    ['another host', 'https://evil.example', 'hub.example', false],
    ['a host that only begins alike', 'https://hub.example.evil.example', 'hub.example', false],
    ['a page without an origin', 'null', 'hub.example', false],
    ['garbage', '%%%', 'hub.example', false],
    ['IPv6', 'http://[::1]:8443', '[::1]:8443', true],
  ])('%s: %s at %s is %s', (_what, origin, host, expected) => expect(isOwnOrigin(origin, host)).toBe(expected));

  test('sockets on a port of their own compare host names', () => {
    expect(isOwnOrigin('https://hub.example:8443', 'hub.example:8444', { otherPort: true })).toBe(true);
    expect(isOwnOrigin('https://evil.example:8443', 'hub.example:8444', { otherPort: true })).toBe(false);
  });

  test.each(['[', 'a b', '%', 'hub.example:99999', ''])('a host that is none (%j) is refused, not thrown', (host) => {
    expect(isOwnOrigin('http://hub.example', host)).toBe(false);
    expect(isOwnOrigin('http://hub.example', host, { otherPort: true })).toBe(false);
  });

  test('without an origin the fetch metadata decides, and programs that send neither pass', () => {
    expect(isOwnOrigin(undefined, 'hub.example')).toBe(true);
    expect(isOwnOrigin(undefined, 'hub.example', { fetchSite: 'same-origin' })).toBe(true);
    expect(isOwnOrigin(undefined, 'hub.example', { fetchSite: 'cross-site' })).toBe(false);
    expect(isOwnOrigin(undefined, 'hub.example', { fetchSite: 'same-site' })).toBe(false);
  });
});
