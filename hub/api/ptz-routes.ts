import type { FastifyInstance } from 'fastify';
import { PTZ_ROUTES } from '../../contract/api/ptz.ts';
import type { Ptz } from '../ptz/ptz.ts';
import type { Registry } from '../registry/registry.ts';
import { demandDevice } from './device-routes.ts';
import { route } from './route.ts';

/**
 * Moves are repeated several times a second while somebody holds a button, by everybody behind one address: they have a
 * budget of their own and use up none of the common one.
 */
const MOVES_PER_MINUTE = 12_000;

/** Turning cameras. */
export function ptzRoutes(app: FastifyInstance, { registry, ptz }: { registry: Registry; ptz: Ptz }): void {
  const often = { perMinute: MOVES_PER_MINUTE };

  route(app, PTZ_ROUTES.listPtzControls, async ({ caller }) =>
    caller.inArea(ptz.controls(), ({ deviceId }) => registry.device(deviceId)?.regionId ?? null),
  );

  route(
    app,
    PTZ_ROUTES.movePtz,
    async ({ caller, params, body }) => {
      await ptz.move(caller, demandDevice(registry, caller, params.deviceId), body);
    },
    often,
  );

  route(
    app,
    PTZ_ROUTES.stopPtz,
    async ({ caller, params }) => {
      await ptz.halt(caller, demandDevice(registry, caller, params.deviceId));
    },
    often,
  );

  route(app, PTZ_ROUTES.takeOverPtz, async ({ caller, params }) =>
    ptz.takeOver(caller, demandDevice(registry, caller, params.deviceId)),
  );

  route(app, PTZ_ROUTES.listPtzPresets, async ({ caller, params }) => ({
    presets: await ptz.presets(demandDevice(registry, caller, params.deviceId)),
  }));

  route(app, PTZ_ROUTES.gotoPtzPreset, async ({ caller, params, body }) => {
    await ptz.goto(caller, demandDevice(registry, caller, params.deviceId), body.token);
  });

  route(app, PTZ_ROUTES.rememberPtzPreset, async ({ caller, params, body }) =>
    ptz.remember(caller, demandDevice(registry, caller, params.deviceId), body.name, body.token),
  );

  route(app, PTZ_ROUTES.forgetPtzPreset, async ({ caller, params, body }) => {
    await ptz.forget(caller, demandDevice(registry, caller, params.deviceId), body.token);
  });
}
