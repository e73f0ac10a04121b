import { SharpEyesError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { CommandTable } from '../commands/dispatcher.ts';
import type { AllowedNetworks } from '../devices/allowed-networks.ts';
import type { StreamPool } from '../devices/stream-pool.ts';
import { BackChannel } from '../media/back-channel.ts';
import { Talk } from '../talk/talk.ts';

/** What talking needs of the edge. */
export interface TalkParts {
  pool: Pick<StreamPool, 'source'>;
  networks: Pick<AllowedNetworks, 'allowsHost'>;
  clock: Clock;
  log: Log;
}

/** Talking through the back channel of a device's own stream. */
export function talkOf({ pool, networks, clock, log }: TalkParts): Talk {
  return new Talk({
    loudspeaker: (deviceId, onClosed) => {
      const source = pool.source(deviceId);
      if (source === null) {
        throw new SharpEyesError('DEVICE_UNSUPPORTED', `${deviceId} has no stream with a way back`);
      }
      const { url, username, password } = source;
      return new BackChannel({
        url,
        credentials: username === null ? null : { username, password: password ?? '' },
        // Cameras sign their own certificates; nobody could verify them, and the password is safe with Digest.
        trust: 'any',
        clock,
        log: log.child({ deviceId }),
        isAllowed: (address) => networks.allowsHost(address),
        onClosed,
      });
    },
    clock,
    log,
  });
}

/** Orders about talking. */
export function talkOrders(talk: Talk): CommandTable {
  return {
    'talk.start': async ({ deviceId, handle }) => {
      await talk.start(deviceId, handle);
      return {};
    },
    'talk.stop': async ({ deviceId }) => {
      await talk.halt(deviceId);
      return {};
    },
  };
}
