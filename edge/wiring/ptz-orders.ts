import type { CommandTable } from '../commands/dispatcher.ts';
import type { Ptz } from '../ptz/ptz.ts';

/** Orders about turning cameras. */
export function ptzOrders(ptz: Ptz): CommandTable {
  return {
    'ptz.move': async (params) => {
      await ptz.move(params);
      return {};
    },
    'ptz.stop': async ({ deviceId }) => {
      await ptz.halt(deviceId);
      return {};
    },
    'ptz.presets': async ({ deviceId }) => ({ presets: await ptz.presets(deviceId) }),
    'ptz.goto': async ({ deviceId, token }) => {
      await ptz.goto(deviceId, token);
      return {};
    },
    'ptz.remember': ({ deviceId, token, name }) => ptz.remember(deviceId, name, token ?? null),
    'ptz.forget': async ({ deviceId, token }) => {
      await ptz.forget(deviceId, token);
      return {};
    },
  };
}
