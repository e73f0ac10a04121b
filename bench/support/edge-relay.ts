/**
 * The edge's media path in a process of its own, to be measured: every line `add N` on standard input adds N streams,
 * each with one viewer on a loopback socket; `frames` prints how many fragments went to viewers and how many packets
 * were lost.
 *
 * usage: edge-relay.ts RTSP_URL VIEWER_PORT
 */
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { MediaStreams } from '../../edge/media/streams.ts';
import { systemClock } from '../../platform/clock.ts';
import { Collector } from '../../platform/collector.ts';
import { silentLog } from '../../platform/log.ts';

const [url = '', viewerPort = '0'] = process.argv.slice(2);
new Collector({ clock: systemClock }).start();
const streams = new MediaStreams({ clock: systemClock, log: silentLog });
let added = 0;
let delivered = 0;

function add(): void {
  const stream = streams.ensure(`bench-${added}/main`, { url });
  added += 1;
  const viewer = connect({ host: '127.0.0.1', port: Number(viewerPort), noDelay: true });
  stream.subscribe(
    {
      onInit: (init) => void viewer.write(init.bytes),
      onFragment: (fragment) => {
        viewer.write(fragment.bytes);
        delivered += 1;
      },
    },
    { withLastGop: true },
  );
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const [command, count] = line.split(' ');
  if (command === 'add') for (let i = 0; i < Number(count); i += 1) add();
  if (command !== 'frames') return;
  const lost = streams.all().reduce((sum, { stream }) => sum + stream.stats().packetsLost, 0);
  const live = streams.all().filter(({ stream }) => stream.stats().state === 'live').length;
  process.stdout.write(`${JSON.stringify({ delivered, lost, live })}\n`);
});
