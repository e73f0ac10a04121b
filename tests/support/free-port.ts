import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** The first of `count` neighbouring TCP ports that are free on loopback at this moment. */
export async function freePorts(count = 1): Promise<number> {
  for (;;) {
    const first = await probe(0);
    const others = await Promise.all(
      Array.from({ length: count - 1 }, (_, index) => probe(first + index + 1).catch(() => 0)),
    );
    if (others.every((port) => port > 0) && first + count < 65_535) return first;
  }
}

async function probe(port: number): Promise<number> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return taken;
}
