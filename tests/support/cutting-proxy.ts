import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy on loopback that cuts connections after so many bytes towards the server. */
export interface CuttingProxy {
  port: number;
  /** Bytes that went to the server in all. */
  readonly bytesForward: number;
  readonly cuts: number;
  stop(): Promise<void>;
}

/** @param cutAfter bytes after which the first, second … connection is cut; later ones are left alone */
export async function cuttingProxy(targetPort: number, cutAfter: readonly number[]): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  const limits = [...cutAfter];
  let bytesForward = 0;
  let cuts = 0;
  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        target.destroy();
      });
    }
    let left = limits.shift() ?? Number.POSITIVE_INFINITY;
    client.on('data', (bytes) => {
      bytesForward += bytes.length;
      left -= bytes.length;
      if (left > 0) {
        if (!target.write(bytes)) {
          client.pause();
          target.once('drain', () => client.resume());
        }
        return;
      }
      cuts++;
      // What came so far still reaches the server, as on a line that breaks.
      target.end(bytes.subarray(0, bytes.length + left));
      client.destroy();
    });
    target.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get bytesForward() {
      return bytesForward;
    },
    get cuts() {
      return cuts;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
