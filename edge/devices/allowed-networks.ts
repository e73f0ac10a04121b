import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';

/** What a technician may have typed, split up. */
export interface DeviceUrl {
  /** Without user information. */
  url: string;
  driver: 'onvif' | 'rtsp' | 'modbus';
  username: string | null;
  password: string | null;
}

/** Never dialled, whatever is configured: this host, link-local with the clouds' metadata address, multicast. */
const NEVER = ['0.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '240.0.0.0/4', '::/128', 'fe80::/10', 'ff00::/8'];
const MAX_NAMES = 10_000;
const LOOPBACK = ['127.0.0.0/8', '::1/128'];

const DRIVERS: Readonly<Record<string, DeviceUrl['driver']>> = {
  'rtsp:': 'rtsp',
  'rtsps:': 'rtsp',
  'http:': 'onvif',
  'https:': 'onvif',
  'modbus:': 'modbus',
};

/**
 * Reads an address of a device. User information is taken out of it.
 * @throws SharpEyesError `INVALID_BODY` with what is allowed instead
 */
export function parseDeviceUrl(text: string): DeviceUrl {
  let parsed: URL;
  try {
    parsed = new URL(text.trim());
  } catch (cause) {
    const message =
      'this is no address; write it like rtsp://192.168.1.20/stream or http://192.168.1.20/onvif/device_service';
    throw new SharpEyesError('INVALID_BODY', message, { cause });
  }
  const driver = Object.hasOwn(DRIVERS, parsed.protocol) ? DRIVERS[parsed.protocol] : undefined;
  if (driver === undefined || parsed.hostname === '') {
    const message = `an address of a device begins with rtsp://, rtsps://, http://, https:// or modbus://, not ${parsed.protocol}//`;
    throw new SharpEyesError('INVALID_BODY', message);
  }
  const username = parsed.username === '' ? null : decoded(parsed.username);
  const password = parsed.password === '' ? null : decoded(parsed.password);
  parsed.username = '';
  parsed.password = '';
  parsed.hash = '';
  return { url: parsed.href, driver, username, password };
}

/** Technicians paste passwords as they are; a lone percent sign is then no escape. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The networks in which this edge may reach devices; nothing else is dialled for a device. */
export class AllowedNetworks {
  readonly #allowed = new BlockList();
  readonly #never = new BlockList();
  readonly #written: readonly string[];
  /** Names that were looked up and found to be inside. */
  readonly #names = new Set<string>();

  /**
   * @param networks CIDR notation
   * @param loopback whether devices may be on this machine itself; if not, no network opens it
   * @throws SharpEyesError `CONFIG_INVALID`
   */
  constructor(networks: readonly string[], loopback: boolean) {
    this.#written = loopback ? [...networks, ...LOOPBACK] : networks;
    for (const network of this.#written) add(this.#allowed, network);
    for (const network of loopback ? NEVER : [...NEVER, ...LOOPBACK]) add(this.#never, network);
  }

  /** Whether an IP address may be dialled. */
  allows(address: string): boolean {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    return isIP(address) !== 0 && this.#allowed.check(address, family) && !this.#never.check(address, family);
  }

  /** Whether a host may be dialled: an address inside, or a name that {@link check} has found to be inside. */
  allowsHost(host: string): boolean {
    const plain = host.replace(/^\[|\]$/g, '');
    return isIP(plain) === 0 ? this.#names.has(plain.toLowerCase()) : this.allows(plain);
  }

  /**
   * Makes sure that the host of a URL lies, with all its addresses, in the allowed networks.
   * @throws SharpEyesError `ADDRESS_NOT_ALLOWED`; `DEVICE_UNREACHABLE` when the name is not known
   */
  async check(url: string): Promise<void> {
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
    const addresses = isIP(host) === 0 ? await resolve(host) : [host];
    const refused = addresses.find((address) => !this.allows(address));
    if (refused === undefined) {
      if (isIP(host) === 0 && this.#names.size < MAX_NAMES) this.#names.add(host.toLowerCase());
      return;
    }
    this.#names.delete(host.toLowerCase());
    const where = refused === host ? host : `${host} (${refused})`;
    const message = `${where} is not inside the networks that this edge may dial (${this.#written.join(', ')}); see network.allowed`;
    throw new SharpEyesError('ADDRESS_NOT_ALLOWED', message, { context: { host } });
  }
}

async function resolve(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (cause) {
    throw new SharpEyesError('DEVICE_UNREACHABLE', `the name ${host} is not known: ${messageOf(cause)}`, { cause });
  }
}

function add(list: BlockList, network: string): void {
  const [address = '', prefix = ''] = network.split('/');
  const version = isIP(address);
  const bits = Number(prefix);
  if (version === 0 || !Number.isInteger(bits) || bits < 0 || bits > (version === 6 ? 128 : 32)) {
    throw new SharpEyesError('CONFIG_INVALID', `network.allowed: "${network}" is no network, e.g. 192.168.1.0/24`);
  }
  list.addSubnet(address, bits, version === 6 ? 'ipv6' : 'ipv4');
}
