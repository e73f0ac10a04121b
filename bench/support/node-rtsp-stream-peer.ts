/**
 * `node-rtsp-stream` as its README starts it, with one viewer that reads and forgets. It listens on every address and
 * prints what ffmpeg says: both are overridden here, so that it stays on loopback and quiet.
 *
 * usage: node-rtsp-stream-peer.ts RTSP_URL
 */
import { createRequire } from 'node:module';
import { type AddressInfo, Server } from 'node:net';
import { WebSocket } from 'ws';

const [url = ''] = process.argv.slice(2);
const listen = Server.prototype.listen;
let server: Server | null = null;
Server.prototype.listen = function onLoopback(this: Server): Server {
  server = this;
  return Reflect.apply(listen, this, [0, '127.0.0.1']);
} as typeof listen;
process.stderr.write = () => true;
console.log = () => undefined;

const require = createRequire(import.meta.url);
const Stream = require('node-rtsp-stream') as new (options: Record<string, unknown>) => unknown;
new Stream({ name: 'bench', streamUrl: url, wsPort: 0, width: 1920, height: 1080 });

const port = await new Promise<number>((resolve) => {
  const listening = server as Server | null;
  if (listening === null) throw new Error('node-rtsp-stream does not listen');
  const answer = (): void => resolve((listening.address() as AddressInfo).port);
  if (listening.listening) answer();
  else listening.once('listening', answer);
});
const viewer = new WebSocket(`ws://127.0.0.1:${port}`);
viewer.on('message', () => undefined);
process.stdout.write(`listening ${port}\n`);
