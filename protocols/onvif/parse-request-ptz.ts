import { at, child, textAt, toNumber } from '../soap/query.ts';
import type { XmlElement } from '../soap/xml.ts';
import { parseDuration } from './time.ts';

/** A movement as the device side sees it; a missing axis is null and keeps its speed. */
export interface MoveRequest {
  readonly pan: number | null;
  readonly tilt: number | null;
  readonly zoom: number | null;
  /** Null when the device shall take its own default. */
  readonly timeoutMs: number | null;
}

/** Reads ContinuousMove. */
export function parseMoveRequest(body: XmlElement): MoveRequest {
  const velocity = at(body, 'Velocity');
  const panTilt = child(velocity, 'PanTilt');
  return {
    pan: toNumber(panTilt?.attributes.get('x')),
    tilt: toNumber(panTilt?.attributes.get('y')),
    zoom: toNumber(child(velocity, 'Zoom')?.attributes.get('x')),
    timeoutMs: parseDuration(textAt(body, 'Timeout')),
  };
}

/** Reads the preset of GotoPreset, SetPreset and RemovePreset. */
export function parsePresetRequest(body: XmlElement): { token: string | null; name: string | null } {
  return { token: textAt(body, 'PresetToken'), name: textAt(body, 'PresetName') };
}
