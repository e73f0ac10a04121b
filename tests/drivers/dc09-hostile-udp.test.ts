import { createSocket, type Socket } from 'node:dgram';
import { expect, test, vi } from 'vitest';
import { Dc09Receiver } from '../../edge/drivers/sia-dc09/receiver.ts';
import { silentLog } from '../../platform/log.ts';
import { buildMessage } from '../../protocols/sia-dc09/build.ts';
import { FakeClock } from '../support/fake-clock.ts';

const opened = vi.hoisted((): Socket[] => []);

// Datagrams from port 0 can only be sent with raw sockets; here they are put where the receiver reads them.
vi.mock('node:dgram', async (original) => {
  const real = await original<typeof import('node:dgram')>();
  const remember = (type: 'udp4' | 'udp6'): Socket => {
    const socket = real.createSocket(type);
    opened.push(socket);
    return socket;
  };
  return { ...real, createSocket: remember };
});

test('a made-up sender on port 0 is counted, and the next panel is answered', async () => {
  const clock = new FakeClock();
  const receiver = new Dc09Receiver({ host: '127.0.0.1', port: 0, clock, log: silentLog });
  await receiver.start();
  const message = { id: 'NULL', sequence: 1, account: '9999', timestampMs: clock.nowMs() } as const;
  const datagram = Buffer.from(buildMessage(message));
  opened[0]?.emit('message', datagram, { address: '127.0.0.1', family: 'IPv4', port: 0, size: datagram.length });
  expect(receiver.counters()['unanswerable']).toBe(1);
  const panel = createSocket('udp4');
  const answered = new Promise<string>((resolve) => panel.once('message', (bytes) => resolve(String(bytes))));
  panel.send(datagram, receiver.port, '127.0.0.1');
  expect(await answered).toContain('NAK');
  panel.close();
  await receiver.stop();
});
