import type { Server } from 'node:net';
import { SharpEyesError } from '../contract/errors.ts';

/** Resolves when the server listens; rejects with PORT_TAKEN and a plain sentence when the address is taken. */
export function listen(server: Server, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      const taken = error.code === 'EADDRINUSE';
      const message = taken
        ? `the virtual township cannot listen on ${address}:${port}: another program does (is a second demo running?)`
        : `the virtual township cannot listen on ${address}:${port}: ${error.message}`;
      reject(new SharpEyesError('PORT_TAKEN', message, { context: { address, port }, cause: error }));
    };
    server.once('error', onError);
    server.listen(port, address, () => {
      server.off('error', onError);
      resolve();
    });
  });
}
