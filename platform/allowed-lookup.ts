import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { SharpEyesError } from '../contract/errors.ts';

/**
 * Looks names up for a socket and hands on only addresses that `isAllowed` lets through, asked at the very moment of
 * dialling: a name that was checked once may mean another address by now. Fails with ADDRESS_NOT_ALLOWED when none is
 * left. Sockets do not look IP addresses up: check those before.
 */
export function lookupAllowed(isAllowed: (address: string) => boolean): LookupFunction {
  return (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, []);
      const allowed = found.filter(({ address }) => isAllowed(address));
      const [first] = allowed;
      if (first === undefined) {
        const message = `${host} leads out of the networks that this edge may dial (network.allowed)`;
        return done(new SharpEyesError('ADDRESS_NOT_ALLOWED', message, { context: { host } }), []);
      }
      if (options.all === true) done(null, allowed);
      else done(null, first.address, first.family);
    });
  };
}
