import { connect } from 'node:net';
import { buildMessage } from '../../protocols/sia-dc09/build.ts';
import { buildContactId } from '../../protocols/sia-dc09/contact-id.ts';

const ANSWER_TIMEOUT_MS = 10_000;
let sequence = 0;

/**
 * One event of an alarm box over SIA DC-09; resolves after the answer with the moment when the packet was handed to
 * the socket (milliseconds since 1970).
 */
export function sendAlarm(port: number, account: string, isRestore = false): Promise<number> {
  sequence = (sequence % 9999) + 1;
  const event = { qualifier: isRestore ? '3' : '1', code: '120', partition: '01', zone: '001', account } as const;
  const data = buildContactId(account, event);
  const bytes = buildMessage({ id: 'ADM-CID', sequence, account, data, timestampMs: Date.now() });
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    let sentAtMs = 0;
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy(new Error('the receiver does not answer')));
    socket.on('connect', () => {
      sentAtMs = Date.now();
      socket.write(bytes);
    });
    socket.once('data', () => {
      resolve(sentAtMs);
      socket.end();
    });
    socket.on('error', reject);
  });
}
