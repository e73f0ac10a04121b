import type { DevicePlacement } from '../../contract/api/devices.ts';

/** A node of the demo's region tree below the county, by its key. */
export interface PlannedRegion {
  key: string;
  parent: string | null;
  level: 'township' | 'village' | 'grid';
  name: string;
  code: string | null;
}

/** Regions of the demo, parents first. All names are invented. */
export const REGIONS: readonly PlannedRegion[] = [
  { key: 'township', parent: null, level: 'township', name: '清河镇 Qinghe', code: null },
  { key: 'qinghe', parent: 'township', level: 'village', name: '清河村 Qinghe Village', code: null },
  { key: 'shiqiao', parent: 'township', level: 'village', name: '石桥村 Shiqiao Village', code: null },
  { key: 'square', parent: 'qinghe', level: 'grid', name: '第一网格 Grid 1', code: null },
  { key: 'river', parent: 'qinghe', level: 'grid', name: '第二网格 Grid 2', code: null },
  { key: 'bridge', parent: 'shiqiao', level: 'grid', name: '第三网格 Grid 3', code: null },
];

/** Where something stands; metres east and north of the square. */
export interface PlannedPlace {
  region: string;
  eastM: number;
  northM: number;
  bearingDeg?: number;
  viewDistanceM?: number;
  viewAngleDeg?: number;
}

const ORIGIN = { latitude: 29.612, longitude: 119.043 };
const METRES_PER_DEGREE = 111_320;

/** Placement for the hub's registry. */
export function placementOf(
  name: string,
  place: PlannedPlace,
  regionId: string,
  links: string[] = [],
): DevicePlacement {
  const metresPerDegreeEast = METRES_PER_DEGREE * Math.cos((ORIGIN.latitude * Math.PI) / 180);
  const rounded = (degrees: number): number => Math.round(degrees * 1e6) / 1e6;
  return {
    name,
    regionId,
    latitude: rounded(ORIGIN.latitude + place.northM / METRES_PER_DEGREE),
    longitude: rounded(ORIGIN.longitude + place.eastM / metresPerDegreeEast),
    bearingDeg: place.bearingDeg ?? null,
    viewDistanceM: place.viewDistanceM ?? null,
    viewAngleDeg: place.viewAngleDeg ?? null,
    links,
  };
}

/** A virtual camera: which clip it plays and where it stands. */
export interface PlannedCamera {
  clip: string;
  address: string;
  place: PlannedPlace;
  clockOffsetMs: number;
  /** It can be turned, heard and spoken through. */
  isDome: boolean;
}

function camera(
  clip: string,
  host: number,
  place: PlannedPlace,
  { clockOffsetMs = 0, isDome = false }: { clockOffsetMs?: number; isDome?: boolean } = {},
): PlannedCamera {
  const view = { viewDistanceM: 60, viewAngleDeg: 80 };
  return { clip, address: `127.0.1.${host}`, place: { ...view, ...place }, clockOffsetMs, isDome };
}

/** The cameras; the square's sees the help box, the committee's sees the door, the river's sees the gauge. */
export const CAMERAS: readonly PlannedCamera[] = [
  camera('village-gate', 11, { region: 'square', eastM: -180, northM: 40, bearingDeg: 260 }),
  camera('road-crossing', 12, { region: 'square', eastM: -90, northM: 120, bearingDeg: 20 }, { clockOffsetMs: 800 }),
  camera('market-square', 13, { region: 'square', eastM: 18, northM: -14, bearingDeg: 310 }, { isDome: true }),
  camera(
    'committee-entrance',
    14,
    { region: 'square', eastM: 34, northM: 22, bearingDeg: 200 },
    { clockOffsetMs: -400 },
  ),
  camera('office-corridor', 15, { region: 'square', eastM: 40, northM: 30, bearingDeg: 0, viewDistanceM: 20 }),
  camera('river-gauge', 16, { region: 'river', eastM: 420, northM: -260, bearingDeg: 140 }, { clockOffsetMs: 1500 }),
  camera('warehouse-yard', 17, { region: 'bridge', eastM: -900, northM: 640, bearingDeg: 90 }),
  camera('village-road-dusk', 18, { region: 'bridge', eastM: -760, northM: 500, bearingDeg: 45 }),
  camera('school-gate', 19, { region: 'bridge', eastM: -820, northM: 420, bearingDeg: 180 }),
];

/** Only with `--h265`: its main stream is H.265, its small one H.264. Plays a clip of another camera, encoded anew. */
export const H265_CAMERA = {
  ...camera('field-entrance', 20, { region: 'bridge', eastM: -700, northM: 560, bearingDeg: 270 }),
  titleZh: '田间路口',
  titleEn: 'Field Entrance',
  of: 'school-gate',
  mainFile: 'school-gate.main.h265',
};

/** The smart door at the village committee, 28 m from the help box. */
export const DOOR = {
  address: '127.0.1.31',
  name: '村委会大门 Committee door',
  place: { region: 'square', eastM: 22, northM: 17 } satisfies PlannedPlace,
  links: ['committee-entrance'],
};

/** The alarm box with the help button on the square. */
export const ALARM_BOX = {
  address: '127.0.1.41',
  account: '2A01',
  name: '广场求助箱 Square help box',
  place: { region: 'square', eastM: 0, northM: 0 } satisfies PlannedPlace,
  links: ['market-square'],
};

/** The dust and noise station at the building site in Shiqiao. */
export const STATION = {
  address: '127.0.1.51',
  mn: 'QH0000000000000000000001',
  password: '310000',
  name: '工地扬尘噪声站 Building site station',
  place: { region: 'bridge', eastM: -700, northM: 520 } satisfies PlannedPlace,
  links: ['village-road-dusk'],
};

/** Key of each sensor, its place and the profile that understands it. */
export const SENSORS = [
  {
    key: 'river-level',
    name: '清河水位计 River gauge',
    profileId: 'generic/mqtt-water-level',
    place: { region: 'river', eastM: 400, northM: -240 },
    links: ['river-gauge'],
  },
  {
    key: 'warehouse-smoke',
    name: '仓库烟感 Warehouse smoke',
    profileId: 'generic/mqtt-smoke-gas',
    place: { region: 'bridge', eastM: -890, northM: 650 },
    links: ['warehouse-yard'],
  },
  {
    key: 'road-dust',
    name: '工地扬尘 Dust station',
    profileId: 'generic/mqtt-dust-temperature',
    place: { region: 'bridge', eastM: -740, northM: 480 },
    links: [],
  },
] as const;

/** Key of a sensor. */
export type SensorKey = (typeof SENSORS)[number]['key'];
