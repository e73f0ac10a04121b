/** The media thread's entry: pictures never share a thread with the database, the API or events. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, SharpEyesError } from '../../contract/errors.ts';
import { systemClock } from '../../platform/clock.ts';
import { createLog } from '../../platform/log.ts';
import { MediaThread } from './media-thread.ts';
import type { FromMediaThread, LiveWorkerData, ToMediaThread } from './protocol.ts';

const port = parentPort;
if (port === null) throw new Error('hub/live/worker.ts runs only as a worker thread');
const post = (message: FromMediaThread): void => port.postMessage(message);
const thread = new MediaThread(workerData as LiveWorkerData, { clock: systemClock, log: createLog('live'), post });

port.on('message', (message: ToMediaThread) => {
  if (message.type !== 'stop') {
    thread.take(message);
    return;
  }
  void thread.stop().finally(() => {
    post({ type: 'stopped' });
    port.close();
  });
});

try {
  post({ type: 'ready', ...(await thread.start()) });
} catch (error) {
  await thread.stop();
  post({ type: 'failed', code: error instanceof SharpEyesError ? error.code : 'INTERNAL', message: messageOf(error) });
  port.close();
}
