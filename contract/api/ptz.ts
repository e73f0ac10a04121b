import { type Static, Type } from 'typebox';
import { COMMANDS, PtzPreset } from '../command.ts';
import { Id } from '../ids.ts';
import type { RouteDefinition } from './route.ts';

/** Who turns a camera. */
export const PtzHolder = Type.Object({
  account: Type.String(),
  displayName: Type.String(),
  /** Hub time since when. */
  sinceMs: Type.Number(),
});
/** See the schema of the same name. */
export type PtzHolder = Static<typeof PtzHolder>;

/** Whether somebody turns a camera now. */
export const PtzControl = Type.Object({ deviceId: Id, holder: Type.Union([PtzHolder, Type.Null()]) });
/** See the schema of the same name. */
export type PtzControl = Static<typeof PtzControl>;

const { pan, tilt, zoom, timeoutMs } = COMMANDS['ptz.move'].params.properties;
const params = Type.Object({ deviceId: Id });
const turn = { kind: 'permission', permission: 'ptz', area: 'thing' } as const;
const remember = { kind: 'permission', permission: 'ptz.preset', area: 'thing' } as const;
const Token = PtzPreset.properties.token;
const Name = Type.String({ minLength: 1, maxLength: 64 });

/**
 * Turning cameras. One person at a time: whoever moves a camera holds it until five seconds after it stood still, and
 * everybody else gets `PTZ_BUSY` with the holder's name.
 */
export const PTZ_ROUTES = {
  listPtzControls: {
    method: 'GET',
    path: '/api/ptz',
    summary: 'Cameras that somebody turns now.',
    access: { kind: 'permission', permission: 'live.view', area: 'list' },
    response: Type.Array(PtzControl),
  },
  movePtz: {
    method: 'POST',
    path: '/api/devices/:deviceId/ptz/move',
    summary:
      'Moves a camera at a speed; it stops by itself when this is not repeated within timeoutMs. PTZ_BUSY while somebody else turns it.',
    access: turn,
    params,
    body: Type.Object({ pan, tilt, zoom, timeoutMs }, { additionalProperties: false }),
    response: null,
  },
  stopPtz: {
    method: 'POST',
    path: '/api/devices/:deviceId/ptz/stop',
    summary: 'Stops a camera that the caller moves; one that stands still is fine.',
    access: turn,
    params,
    response: null,
  },
  takeOverPtz: {
    method: 'POST',
    path: '/api/devices/:deviceId/ptz/take-over',
    summary: 'Takes a camera from whoever turns it; it is stopped first.',
    access: { kind: 'permission', permission: 'ptz.override', area: 'thing' },
    params,
    response: PtzControl,
  },
  listPtzPresets: {
    method: 'GET',
    path: '/api/devices/:deviceId/ptz/presets',
    summary: 'Positions that a camera remembers.',
    access: turn,
    params,
    response: Type.Object({ presets: Type.Array(PtzPreset) }),
  },
  gotoPtzPreset: {
    method: 'POST',
    path: '/api/devices/:deviceId/ptz/goto',
    summary: 'Sends a camera to a position.',
    access: turn,
    params,
    body: Type.Object({ token: Token }, { additionalProperties: false }),
    response: null,
  },
  rememberPtzPreset: {
    method: 'POST',
    path: '/api/devices/:deviceId/ptz/presets',
    summary: 'Makes a camera remember where it looks now; with a token that position is replaced.',
    access: remember,
    params,
    body: Type.Object({ name: Name, token: Type.Optional(Token) }, { additionalProperties: false }),
    response: PtzPreset,
  },
  forgetPtzPreset: {
    method: 'POST',
    path: '/api/devices/:deviceId/ptz/forget',
    summary: 'Makes a camera forget a position.',
    access: remember,
    params,
    body: Type.Object({ token: Token }, { additionalProperties: false }),
    response: null,
  },
} as const satisfies Record<string, RouteDefinition>;
