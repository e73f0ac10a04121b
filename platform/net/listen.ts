import type { Server } from 'node:net';
import { SharpEyesError } from '../../contract/errors.ts';

/** Where a server listens; port 0 takes any free one. */
export interface ListenAddress {
  host: string;
  port: number;
}

/**
 * Makes a server listen and resolves with its port.
 * @param what names the service in the error, e.g. `the hub's web address`
 * @throws SharpEyesError `PORT_TAKEN` when another program listens there, `CONFIG_INVALID` when the machine has no such
 * address or the port may not be taken
 */
export function listen(server: Server, address: ListenAddress, what: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => reject(listenError(error, address, what));
    server.once('error', onError);
    server.listen(address.port, address.host, () => {
      server.off('error', onError);
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : address.port);
    });
  });
}

/** The plain sentence for a failed attempt to listen; other faults come back as they are. */
export function listenError(error: NodeJS.ErrnoException, { host, port }: ListenAddress, what: string): Error {
  const context = { host, port };
  if (error.code === 'EADDRINUSE') {
    const message = `port ${port} on ${host} (${what}) is taken by another program: stop it or choose another port`;
    return new SharpEyesError('PORT_TAKEN', message, { context, cause: error });
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    const message = `this machine has no address ${host} (${what}): choose one of its own, or 0.0.0.0 for all`;
    return new SharpEyesError('CONFIG_INVALID', message, { context, cause: error });
  }
  if (error.code === 'EACCES') {
    const message = `port ${port} (${what}) may only be taken by root: choose one above 1023`;
    return new SharpEyesError('CONFIG_INVALID', message, { context, cause: error });
  }
  return error;
}

/** Stops listening and resolves when the last connection has ended. A server that never listened is fine. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) resolve();
    else server.close(() => resolve());
  });
}
