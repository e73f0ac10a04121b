import { expect, it } from 'vitest';
import { BackChannel } from '../../../../edge/media/back-channel.ts';
import { systemClock } from '../../../../platform/clock.ts';
import { header } from '../../../../protocols/rtsp/message.ts';
import { RecordingLog } from '../../../support/recording-log.ts';
import { reply, ScriptedRtspServer } from '../../../support/scripted-rtsp-server.ts';
import { waitFor } from '../../../support/wait.ts';

const TALK = ['v=0', 's=x', 'a=control:*', 'm=audio 0 RTP/AVP 0', 'a=control:talk', 'a=sendonly', ''].join('\r\n');

it('is refused by name where a device does not say at which port it hears', async () => {
  const server = new ScriptedRtspServer({
    sdp: TALK,
    onRequest: (request, client) => {
      if (request.method !== 'SETUP') return false;
      const transport = header(request, 'transport') ?? '';
      if (transport.includes('interleaved')) reply(client, request, 461);
      else {
        reply(client, request, 200, [
          ['Session', 's1'],
          ['Transport', transport],
        ]);
      }
      return true;
    },
  });
  await server.start();
  const talk = new BackChannel({
    url: server.url,
    credentials: null,
    trust: 'system',
    clock: systemClock,
    log: new RecordingLog(),
    limits: { responseTimeoutMs: 2_000 },
  });
  await expect(talk.open()).rejects.toMatchObject({ code: 'DEVICE_UNSUPPORTED' });
  expect(server.methods().slice(-1)).toEqual(['TEARDOWN']);
  await waitFor('no connection left', () => server.clients.every(({ socket }) => socket.closed));
  await talk.close();
  await server.stop();
});
