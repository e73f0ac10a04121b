import { type Content, el, element } from '../soap/build.ts';
import { NAMESPACES } from '../soap/namespaces.ts';
import type { OnvifRequest } from './request.ts';
import { formatDuration } from './time.ts';

/** Speed on each axis in the units of the camera's own range; null where the camera has no such axis. */
export interface PtzVelocity {
  readonly panTilt: { readonly x: number; readonly y: number } | null;
  readonly zoom: number | null;
}

function request(operation: string, ...content: Content[]): OnvifRequest {
  return {
    service: 'ptz',
    operation,
    action: `${NAMESPACES.tptz}/${operation}`,
    body: el(`tptz:${operation}`, ...content),
  };
}

const profile = (token: string): Content => el('tptz:ProfileToken', token);

/** What can be turned, how fast, and how many positions it remembers (ONVIF PTZ, 5.2.1). */
export const getNodes = (): OnvifRequest => request('GetNodes');

/** Moves at a speed until stopped or until the time is over (5.3.3). @param timeoutMs null leaves it to the camera */
export const continuousMove = (token: string, { panTilt, zoom }: PtzVelocity, timeoutMs: number | null): OnvifRequest =>
  request(
    'ContinuousMove',
    profile(token),
    el(
      'tptz:Velocity',
      panTilt === null ? undefined : element('tt:PanTilt', { x: decimal(panTilt.x), y: decimal(panTilt.y) }),
      zoom === null ? undefined : element('tt:Zoom', { x: decimal(zoom) }),
    ),
    timeoutMs === null ? undefined : el('tptz:Timeout', formatDuration(timeoutMs)),
  );

/** Ends every movement (5.3.4). */
export const stopMove = (token: string): OnvifRequest =>
  request('Stop', profile(token), el('tptz:PanTilt', true), el('tptz:Zoom', true));

/** Where the camera looks and whether it moves (5.3.6). */
export const getStatus = (token: string): OnvifRequest => request('GetStatus', profile(token));

/** Positions that the camera remembers (5.4.2). */
export const getPresets = (token: string): OnvifRequest => request('GetPresets', profile(token));

/** Goes to a position (5.4.3). */
export const gotoPreset = (token: string, presetToken: string): OnvifRequest =>
  request('GotoPreset', profile(token), el('tptz:PresetToken', presetToken));

/** Remembers the present position (5.4.1). @param presetToken an older position to replace; null makes a new one */
export const setPreset = (token: string, name: string, presetToken: string | null): OnvifRequest =>
  request(
    'SetPreset',
    profile(token),
    el('tptz:PresetName', name),
    presetToken === null ? undefined : el('tptz:PresetToken', presetToken),
  );

/** Forgets a position (5.4.4). */
export const removePreset = (token: string, presetToken: string): OnvifRequest =>
  request('RemovePreset', profile(token), el('tptz:PresetToken', presetToken));

/** Never in the form 1e-7, which xs:float allows and firmware does not read. */
function decimal(value: number): string {
  return String(Math.round(value * 10_000) / 10_000);
}
