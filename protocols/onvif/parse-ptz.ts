import { at, childrenOf, find, numberAt, textAt, toBoolean, toNumber } from '../soap/query.ts';
import type { XmlElement } from '../soap/xml.ts';

/** Slowest and fastest speed of an axis. */
export interface SpeedRange {
  readonly min: number;
  readonly max: number;
}

/** Something that can be turned or zoomed. */
export interface PtzNode {
  readonly token: string;
  readonly name: string;
  /** Speeds of continuous movement; null where the axis is missing. */
  readonly pan: SpeedRange | null;
  readonly tilt: SpeedRange | null;
  readonly zoom: SpeedRange | null;
  /** How many positions it remembers; 0 when none. */
  readonly maxPresets: number;
  readonly hasHome: boolean;
}

/** A position that a camera remembers. */
export interface PtzPresetEntry {
  readonly token: string;
  readonly name: string;
}

/** Where a camera looks, in its own units; null where it does not say. */
export interface PtzStatus {
  readonly pan: number | null;
  readonly tilt: number | null;
  readonly zoom: number | null;
  readonly moving: boolean | null;
}

/** Most entries that are read of any list. */
const LIST_MAX = 500;

function rangeOf(space: XmlElement | undefined, name: 'XRange' | 'YRange'): SpeedRange | null {
  if (space === undefined) return null;
  const min = numberAt(space, name, 'Min');
  const max = numberAt(space, name, 'Max');
  // A space without a sensible range is the generic one.
  if (min === null || max === null || min >= 0 || max <= 0) return { min: -1, max: 1 };
  return { min, max };
}

/** Reads GetNodesResponse. */
export function parseNodes(body: XmlElement): PtzNode[] {
  return childrenOf(body, 'PTZNode')
    .slice(0, LIST_MAX)
    .map((node) => {
      const spaces = at(node, 'SupportedPTZSpaces');
      const panTilt = at(spaces, 'ContinuousPanTiltVelocitySpace');
      const presets = numberAt(node, 'MaximumNumberOfPresets') ?? 0;
      return {
        token: node.attributes.get('token') ?? '',
        name: textAt(node, 'Name') ?? '',
        pan: rangeOf(panTilt, 'XRange'),
        tilt: rangeOf(panTilt, 'YRange'),
        zoom: rangeOf(at(spaces, 'ContinuousZoomVelocitySpace'), 'XRange'),
        maxPresets: Math.max(0, Math.floor(presets)),
        hasHome: toBoolean(textAt(node, 'HomeSupported')) ?? false,
      };
    });
}

/** Reads GetPresetsResponse; what has no token cannot be gone to and is left out. */
export function parsePresets(body: XmlElement): PtzPresetEntry[] {
  return childrenOf(body, 'Preset')
    .slice(0, LIST_MAX)
    .flatMap((preset) => {
      const token = preset.attributes.get('token') ?? '';
      return token === '' ? [] : [{ token, name: textAt(preset, 'Name') ?? '' }];
    });
}

/** Token in SetPresetResponse; null when there is none. */
export function parsePresetToken(body: XmlElement): string | null {
  return textAt(body, 'PresetToken');
}

/** Reads GetStatusResponse. */
export function parsePtzStatus(body: XmlElement): PtzStatus {
  const status = at(body, 'PTZStatus');
  const panTilt = at(status, 'Position', 'PanTilt');
  const states = [textAt(status, 'MoveStatus', 'PanTilt'), textAt(status, 'MoveStatus', 'Zoom')];
  return {
    pan: toNumber(panTilt?.attributes.get('x')),
    tilt: toNumber(panTilt?.attributes.get('y')),
    zoom: toNumber(at(status, 'Position', 'Zoom')?.attributes.get('x')),
    moving: states.every((state) => state === null) ? null : states.includes('MOVING'),
  };
}

/** Whether GetAudioOutputsResponse names a loudspeaker. */
export function parseHasAudioOutput(body: XmlElement): boolean {
  return find(body, 'AudioOutputs')?.attributes.get('token') !== undefined;
}
