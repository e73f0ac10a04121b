import { expect, it } from 'vitest';
import { publishExample } from '../../../../dashboard/src/devices/publish-example.ts';

const secret = {
  username: 'level-2',
  password: 'p4ss',
  topic: 'devices/level-2/state',
  profileId: 'generic/mqtt-water-level',
};

it('is a line that can be pasted as it is', () => {
  const line = publishExample({ ...secret, broker: '192.168.1.2:1884' }).replace(/\\\n\s*/g, '');
  expect(line).toBe(
    `mosquitto_pub -h 192.168.1.2 -p 1884 -q 1 -i level-2 -u level-2 -P 'p4ss' -t devices/level-2/state -m '{"level": 1.25}'`,
  );
});

it('says where an address has to be filled in when the edge listens on all of them', () => {
  expect(publishExample({ ...secret, broker: '0.0.0.0:1883' })).toContain('-h EDGE-ADDRESS -p 1883');
  expect(publishExample({ ...secret, broker: null })).toContain('-h EDGE-ADDRESS -p 1883');
});
