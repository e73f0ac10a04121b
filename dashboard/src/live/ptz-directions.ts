import type { live } from '../i18n/en/live.ts';
import type { Speed } from './ptz-drive.ts';

/** A way to move: a button of the pad. */
export interface Direction extends Speed {
  name: keyof typeof live.ptz;
  sign: string;
}

function direction(name: Direction['name'], sign: string, pan: number, tilt: number, zoom = 0): Direction {
  return { name, sign, pan, tilt, zoom };
}

/** The eight directions as they lie on the pad, row by row; null is its middle. */
export const PAD: readonly (Direction | null)[] = [
  direction('upLeft', '↖', -1, 1),
  direction('up', '↑', 0, 1),
  direction('upRight', '↗', 1, 1),
  direction('left', '←', -1, 0),
  null,
  direction('right', '→', 1, 0),
  direction('downLeft', '↙', -1, -1),
  direction('down', '↓', 0, -1),
  direction('downRight', '↘', 1, -1),
];

export const ZOOM: readonly Direction[] = [direction('zoomOut', '−', 0, 0, -1), direction('zoomIn', '+', 0, 0, 1)];

const KEYS: Readonly<Record<string, Speed>> = {
  ArrowUp: { pan: 0, tilt: 1, zoom: 0 },
  ArrowDown: { pan: 0, tilt: -1, zoom: 0 },
  ArrowLeft: { pan: -1, tilt: 0, zoom: 0 },
  ArrowRight: { pan: 1, tilt: 0, zoom: 0 },
  '+': { pan: 0, tilt: 0, zoom: 1 },
  '=': { pan: 0, tilt: 0, zoom: 1 },
  '-': { pan: 0, tilt: 0, zoom: -1 },
};

/** Whether a key moves a camera. */
export function isMoveKey(key: string): boolean {
  return Object.hasOwn(KEYS, key);
}

/** What keys that are held together mean; null when they cancel out or there is none. */
export function speedOfKeys(held: ReadonlySet<string>): Speed | null {
  const sum = { pan: 0, tilt: 0, zoom: 0 };
  for (const key of held) {
    const part = KEYS[key];
    if (part === undefined) continue;
    sum.pan += part.pan;
    sum.tilt += part.tilt;
    sum.zoom += part.zoom;
  }
  return sum.pan === 0 && sum.tilt === 0 && sum.zoom === 0 ? null : sum;
}

/** A direction at a share of the full speed. */
export function atSpeed({ pan, tilt, zoom }: Speed, share: number): Speed {
  const part = (value: number): number => Math.max(-1, Math.min(1, value)) * share;
  return { pan: part(pan), tilt: part(tilt), zoom: part(zoom) };
}
