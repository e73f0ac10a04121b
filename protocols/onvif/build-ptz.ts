import { type Content, el, element, envelope } from '../soap/build.ts';
import type { PtzNode, PtzPresetEntry, PtzStatus, SpeedRange } from './parse-ptz.ts';

const SPACES = 'http://www.onvif.org/ver10/tptz';

function answer(operation: string, ...content: Content[]): string {
  return envelope(['tptz', 'tt'], undefined, el(`tptz:${operation}Response`, ...content));
}

function range(name: string, { min, max }: SpeedRange): Content {
  return el(name, el('tt:Min', min), el('tt:Max', max));
}

/** GetNodesResponse. */
export function buildNodes(nodes: readonly PtzNode[]): string {
  return answer(
    'GetNodes',
    nodes.map(({ token, name, pan, tilt, zoom, maxPresets, hasHome }) =>
      element(
        'tptz:PTZNode',
        { token },
        el('tt:Name', name),
        el(
          'tt:SupportedPTZSpaces',
          pan === null || tilt === null
            ? undefined
            : el(
                'tt:ContinuousPanTiltVelocitySpace',
                el('tt:URI', `${SPACES}/PanTiltSpaces/VelocityGenericSpace`),
                range('tt:XRange', pan),
                range('tt:YRange', tilt),
              ),
          zoom === null
            ? undefined
            : el(
                'tt:ContinuousZoomVelocitySpace',
                el('tt:URI', `${SPACES}/ZoomSpaces/VelocityGenericSpace`),
                range('tt:XRange', zoom),
              ),
        ),
        el('tt:MaximumNumberOfPresets', maxPresets),
        el('tt:HomeSupported', hasHome),
      ),
    ),
  );
}

/** GetPresetsResponse. */
export function buildPresets(presets: readonly PtzPresetEntry[]): string {
  return answer(
    'GetPresets',
    presets.map(({ token, name }) => element('tptz:Preset', { token }, el('tt:Name', name))),
  );
}

/** SetPresetResponse. */
export function buildPresetToken(token: string): string {
  return answer('SetPreset', el('tptz:PresetToken', token));
}

/** An answer without content. */
export function buildPtzDone(operation: 'ContinuousMove' | 'Stop' | 'GotoPreset' | 'RemovePreset'): string {
  return answer(operation);
}

/** GetStatusResponse. */
export function buildPtzStatus({ pan, tilt, zoom, moving }: PtzStatus, utcTime: string): string {
  const state = moving === true ? 'MOVING' : 'IDLE';
  return answer(
    'GetStatus',
    el(
      'tptz:PTZStatus',
      el(
        'tt:Position',
        pan === null || tilt === null ? undefined : element('tt:PanTilt', { x: pan, y: tilt }),
        zoom === null ? undefined : element('tt:Zoom', { x: zoom }),
      ),
      moving === null ? undefined : el('tt:MoveStatus', el('tt:PanTilt', state), el('tt:Zoom', state)),
      el('tt:UtcTime', utcTime),
    ),
  );
}
