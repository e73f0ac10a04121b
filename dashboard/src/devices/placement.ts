import type { DevicePlacement } from '../../../contract/api/devices.ts';

/** A placement as it is being typed: every number is a text. */
export interface PlacementDraft {
  name: string;
  regionId: string;
  latitude: string;
  longitude: string;
  bearingDeg: string;
  viewDistanceM: string;
  viewAngleDeg: string;
  links: string[];
}

export const LIMITS = {
  latitude: [-90, 90],
  longitude: [-180, 180],
  bearingDeg: [0, 360],
  viewDistanceM: [0, 5000],
  viewAngleDeg: [1, 360],
} as const;
export type NumberField = keyof typeof LIMITS;

export const EMPTY_DRAFT: PlacementDraft = {
  name: '',
  regionId: '',
  latitude: '',
  longitude: '',
  bearingDeg: '',
  viewDistanceM: '',
  viewAngleDeg: '',
  links: [],
};

function text(value: number | null): string {
  return value === null ? '' : String(value);
}

/** Begins a draft with what is known. */
export function draftOf(placement: DevicePlacement): PlacementDraft {
  return {
    name: placement.name,
    regionId: placement.regionId ?? '',
    latitude: text(placement.latitude),
    longitude: text(placement.longitude),
    bearingDeg: text(placement.bearingDeg),
    viewDistanceM: text(placement.viewDistanceM),
    viewAngleDeg: text(placement.viewAngleDeg),
    links: [...placement.links],
  };
}

/** A typed number: null when empty, undefined when it is no number inside the limits. A comma counts as a point. */
export function numberOf(draft: PlacementDraft, field: NumberField): number | null | undefined {
  const typed = draft[field].trim().replace(/[,,]/, '.');
  if (typed === '') return null;
  const value = Number(typed);
  const [min, max] = LIMITS[field];
  return Number.isFinite(value) && value >= min && value <= max ? value : undefined;
}

/** What the contract asks for; null while something is missing or wrong. */
export function placementOf(draft: PlacementDraft): DevicePlacement | null {
  const [latitude, longitude, bearingDeg, viewDistanceM, viewAngleDeg] = (
    ['latitude', 'longitude', 'bearingDeg', 'viewDistanceM', 'viewAngleDeg'] as const
  ).map((field) => numberOf(draft, field));
  const name = draft.name.trim();
  if (
    name === '' ||
    latitude === undefined ||
    longitude === undefined ||
    bearingDeg === undefined ||
    viewDistanceM === undefined ||
    viewAngleDeg === undefined
  ) {
    return null;
  }
  const regionId = draft.regionId === '' ? null : draft.regionId;
  return { name, regionId, latitude, longitude, bearingDeg, viewDistanceM, viewAngleDeg, links: draft.links };
}
