import { at, childrenOf, textAt } from '../soap/query.ts';
import type { XmlElement } from '../soap/xml.ts';

/** A door of a controller. */
export interface DoorInfo {
  readonly token: string;
  readonly name: string;
  readonly description: string | null;
}

/** Reads GetDoorInfoListResponse. */
export function parseDoorInfoList(body: XmlElement): DoorInfo[] {
  return childrenOf(body, 'DoorInfo').map((door) => ({
    token: door.attributes.get('token') ?? '',
    name: textAt(door, 'Name') ?? '',
    description: textAt(door, 'Description'),
  }));
}

/** State of a door, in the standard's words; null where the device does not know the aspect. */
export interface DoorState {
  readonly physicalState: string | null;
  readonly lockState: string | null;
  readonly alarm: string | null;
  readonly tamper: string | null;
  readonly fault: string | null;
  readonly mode: string | null;
}

/** Reads GetDoorStateResponse. */
export function parseDoorState(body: XmlElement): DoorState {
  const state = at(body, 'DoorState');
  return {
    physicalState: textAt(state, 'DoorPhysicalState'),
    lockState: textAt(state, 'LockPhysicalState'),
    alarm: textAt(state, 'Alarm'),
    tamper: textAt(state, 'Tamper', 'State'),
    fault: textAt(state, 'Fault', 'State'),
    mode: textAt(state, 'DoorMode'),
  };
}
