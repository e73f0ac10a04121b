import { join } from 'node:path';
import { stringify } from 'yaml';
import { writeFileSafely } from '../platform/files.ts';

/** Ports of a demo, counted from the dashboard's. */
export interface DemoPorts {
  web: number;
  live: number;
  mqtt: number;
  media: number;
  localBroker: number;
  dc09: number;
  hj212: number;
}

/** Seven neighbouring ports. */
export function demoPorts(web: number): DemoPorts {
  return { web, live: web + 1, mqtt: web + 2, media: web + 3, localBroker: web + 4, dc09: web + 5, hj212: web + 6 };
}

/** Names under which the hub is reached; the first stands in the printed address and in the edge's join file. */
function namesOf(host: string): string[] {
  const here = ['localhost', '127.0.0.1'];
  return here.includes(host) || host === '0.0.0.0' ? here : [host];
}

const HEADER = '# Written by `sharp-eyes demo` at every start; `sharp-eyes check-config` explains every key.\n';
const GIB = 1024 ** 3;

/** Writes the configurations of the demo's hub and edge and returns their paths. */
export async function writeDemoConfigs(options: {
  data: string;
  host: string;
  tls: boolean;
  direct: boolean;
  township: boolean;
  ports: DemoPorts;
}): Promise<{ hub: string; edge: string }> {
  const { data, host, ports, township, tls, direct } = options;
  const hub = {
    data: join(data, 'hub'),
    listen: { host, port: ports.web, livePort: ports.live },
    tls: tls ? 'always' : 'auto',
    names: namesOf(host),
    broker: { port: ports.mqtt, mediaPort: ports.media },
    demo: township,
  };
  const edge = {
    data: join(data, 'edge'),
    // The virtual township lives on this machine; without it the edge looks at the networks it is connected to.
    network: { loopback: township },
    discovery: township ? { addresses: ['127.0.0.1'], periodSeconds: 20 } : {},
    localBroker: { enabled: true, host: '127.0.0.1', port: ports.localBroker },
    dc09: { enabled: true, host: '127.0.0.1', port: ports.dc09 },
    hj212: { enabled: true, host: '127.0.0.1', port: ports.hj212 },
    recording: { quotaBytes: 4 * GIB },
    direct: { enabled: direct, addresses: host === '0.0.0.0' ? [] : [host] },
  };
  const paths = { hub: join(data, 'hub.yaml'), edge: join(data, 'edge.yaml') };
  await writeFileSafely(paths.hub, HEADER + stringify(hub));
  await writeFileSafely(paths.edge, HEADER + stringify(edge));
  return paths;
}
