import { createSocket, type Socket } from 'node:dgram';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CandidateChange } from '../../edge/discovery/candidate-book.ts';
import { Discovery } from '../../edge/discovery/discovery.ts';
import { systemClock } from '../../platform/clock.ts';
import { silentLog } from '../../platform/log.ts';
import { buildBye, buildHello, buildProbeMatches } from '../../protocols/ws-discovery/build.ts';
import { DISCOVERY_GROUP, DISCOVERY_PORT } from '../../protocols/ws-discovery/message.ts';
import { parseDiscovery } from '../../protocols/ws-discovery/parse.ts';
import { waitFor } from '../support/wait.ts';

const SEQUENCE = { instanceId: 1, messageNumber: 1 };
const LOOPBACK = '127.0.0.1';

let discovery: Discovery;
let changes: CandidateChange[];
const devices: FakeDevice[] = [];

function bind(socket: Socket, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, address, resolve);
  });
}

/** A device on an address of its own that answers probes, over multicast and to that address. */
class FakeDevice {
  readonly probes: string[] = [];
  readonly address: string;
  readonly #uuid: string;
  readonly #answer: string | null;
  #group: Socket | null = null;
  #own: Socket | null = null;

  /** @param answer what to send instead of a proper ProbeMatches */
  constructor(address: string, uuid: string, answer: string | null = null) {
    this.address = address;
    this.#uuid = uuid;
    this.#answer = answer;
    devices.push(this);
  }

  async start(options: { multicast: boolean } = { multicast: true }): Promise<this> {
    this.#own = createSocket('udp4');
    await bind(this.#own, DISCOVERY_PORT, this.address);
    this.#own.setMulticastInterface(LOOPBACK);
    this.#own.on('message', (datagram, from) => this.#probed(datagram, from.port, from.address));
    if (!options.multicast) return this;
    this.#group = createSocket({ type: 'udp4', reuseAddr: true });
    await bind(this.#group, DISCOVERY_PORT, DISCOVERY_GROUP);
    this.#group.addMembership(DISCOVERY_GROUP, LOOPBACK);
    this.#group.on('message', (datagram, from) => this.#probed(datagram, from.port, from.address));
    return this;
  }

  stop(): void {
    this.#group?.close();
    this.#own?.close();
    this.#group = null;
    this.#own = null;
  }

  get described(): Parameters<typeof buildHello>[2] {
    return {
      endpoint: `urn:uuid:${this.#uuid}`,
      scopes: [
        'onvif://www.onvif.org/name/Gate',
        'onvif://www.onvif.org/hardware/X1',
        'onvif://www.onvif.org/Profile/T',
      ],
      // As behind a router: the host in it is not where the device is.
      xaddrs: ['http://192.0.2.1:8000/onvif/device_service'],
    };
  }

  say(message: string): void {
    this.#own?.send(message, DISCOVERY_PORT, DISCOVERY_GROUP);
  }

  #probed(datagram: Uint8Array, port: number, address: string): void {
    const message = parseDiscovery(datagram);
    if (message?.kind !== 'probe' || message.types.some(({ name }) => name === 'Device')) return;
    this.probes.push(message.messageId);
    const matches = buildProbeMatches('urn:uuid:m', message.messageId, SEQUENCE, [this.described]);
    this.#own?.send(this.#answer ?? matches, port, address);
  }
}

function create(isAllowed: (address: string) => boolean): Discovery {
  return new Discovery({
    addresses: [LOOPBACK],
    isAllowed,
    onChange: (change) => changes.push(change),
    periodMs: null,
    windowMs: 700,
    clock: systemClock,
    log: silentLog,
  });
}

const mine = (address: string): boolean => devices.some((device) => device.address === address);

beforeEach(async () => {
  changes = [];
  // Other tests and a running demo may speak on the same group: only this test's own devices count.
  discovery = create(mine);
  await discovery.start();
});

afterEach(async () => {
  for (const device of devices.splice(0)) device.stop();
  await discovery.stop();
});

describe('searching over multicast on loopback', () => {
  test('finds a device once, however often it answers, at the address it answered from', async () => {
    const device = await new FakeDevice('127.0.91.1', '11111111-0000-4000-8000-000000000001').start();
    expect(await discovery.run()).toBe(1);
    expect(device.probes.length).toBeGreaterThanOrEqual(3);
    expect(discovery.candidates()).toMatchObject([
      {
        candidateId: 'onvif-11111111-0000-4000-8000-000000000001',
        driver: 'onvif',
        type: 'camera',
        address: 'http://127.0.91.1:8000/onvif/device_service',
        name: 'Gate',
        hardware: 'X1',
        foundBy: 'ws-discovery',
        change: 'new',
      },
    ]);
    expect(changes.map(({ kind }) => kind)).toEqual(['found']);
  });

  test('repeats each probe under one message id, with types old and new', async () => {
    const device = await new FakeDevice('127.0.91.1', '1').start();
    await discovery.run();
    expect(new Set(device.probes).size).toBe(2);
  });

  test('garbage and printers are counted, not listed, and do not disturb', async () => {
    await new FakeDevice('127.0.91.1', '1', '<html>no</html>').start();
    await new FakeDevice('127.0.91.2', '2', PRINTER).start();
    await new FakeDevice('127.0.91.3', '3').start();
    await discovery.run();
    expect(discovery.candidates().map(({ address }) => new URL(address).hostname)).toEqual(['127.0.91.3']);
    expect(discovery.counters()['garbage']).toBeGreaterThan(0);
    expect(discovery.counters()['not-onvif']).toBeGreaterThan(0);
  });

  test('a device on a network that is not allowed is not listed', async () => {
    const strict = create((address) => address === '127.0.91.7');
    await strict.start();
    await new FakeDevice('127.0.91.1', '1').start();
    await strict.run();
    expect(strict.candidates()).toEqual([]);
    expect(strict.counters()['notAllowed']).toBeGreaterThan(0);
    await strict.stop();
  });

  test('a device that moved keeps its identity', async () => {
    const uuid = '11111111-0000-4000-8000-000000000001';
    const before = await new FakeDevice('127.0.91.1', uuid).start();
    await discovery.run();
    discovery.acknowledge(`onvif-${uuid}`);
    before.stop();
    await new FakeDevice('127.0.91.2', uuid).start();
    await discovery.run();
    expect(discovery.candidates()).toMatchObject([
      { candidateId: `onvif-${uuid}`, address: 'http://127.0.91.2:8000/onvif/device_service', change: 'moved' },
    ]);
    expect(changes.at(-1)).toMatchObject({
      kind: 'changed',
      previousAddress: 'http://127.0.91.1:8000/onvif/device_service',
    });
  });

  test('a device with two addresses that both answer has not moved', async () => {
    await new FakeDevice('127.0.91.1', '1').start();
    await discovery.run();
    await new FakeDevice('127.0.91.2', '1').start();
    await discovery.run();
    await discovery.run();
    expect(changes.map(({ kind }) => kind)).toEqual(['found']);
  });
});

test('a device that multicast does not reach is found by its address', async () => {
  await new FakeDevice('127.0.91.5', '5').start({ multicast: false });
  expect(await discovery.run()).toBe(0);
  expect(await discovery.run(['127.0.91.5', '127.0.91.99'])).toBe(1);
});

test('Hello lists a device at once, Bye marks it as gone, and it is found again', async () => {
  const device = await new FakeDevice('127.0.91.6', '6').start();
  device.say(buildHello('urn:uuid:h', SEQUENCE, device.described));
  await waitFor('the candidate', () => discovery.candidates().length === 1);
  expect(discovery.candidates()[0]).toMatchObject({ foundBy: 'hello', change: 'new' });
  device.say(buildBye('urn:uuid:b', SEQUENCE, device.described.endpoint));
  await waitFor('the farewell', () => discovery.candidates()[0]?.change === 'gone');
  expect(await discovery.run()).toBe(1);
  expect(changes.map(({ kind }) => kind)).toEqual(['found', 'gone', 'found']);
});

test('a dismissed device stays away until it says Hello', async () => {
  const device = await new FakeDevice('127.0.91.6', '6').start();
  await discovery.run();
  expect(discovery.dismiss('onvif-6')).toBe(true);
  expect(await discovery.run()).toBe(0);
  device.say(buildHello('urn:uuid:h', SEQUENCE, device.described));
  await waitFor('the candidate', () => discovery.candidates().length === 1);
});

const PRINTER = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:wsdp="http://schemas.xmlsoap.org/ws/2006/02/devprof">
<s:Body><ProbeMatches><ProbeMatch><EndpointReference><Address>urn:uuid:printer</Address></EndpointReference>
<Types>wsdp:Device</Types><XAddrs>http://127.0.91.2/print</XAddrs></ProbeMatch></ProbeMatches></s:Body></s:Envelope>`;
