import { type Content, el, element, envelope } from '../soap/build.ts';
import type { DoorInfo, DoorState } from './parse-door.ts';

function answer(operation: string, ...content: Content[]): string {
  return envelope(['tdc', 'tt'], undefined, el(`tdc:${operation}Response`, ...content));
}

/** GetDoorInfoListResponse. */
export function buildDoorInfoList(doors: readonly DoorInfo[]): string {
  return answer(
    'GetDoorInfoList',
    doors.map((door) =>
      element(
        'tdc:DoorInfo',
        { token: door.token },
        el('tdc:Name', door.name),
        door.description === null ? undefined : el('tdc:Description', door.description),
        el('tdc:Capabilities'),
      ),
    ),
  );
}

/** GetDoorStateResponse. */
export function buildDoorState(state: DoorState): string {
  const optional = (name: string, value: string | null): Content => (value === null ? undefined : el(name, value));
  return answer(
    'GetDoorState',
    el(
      'tdc:DoorState',
      optional('tdc:DoorPhysicalState', state.physicalState),
      optional('tdc:LockPhysicalState', state.lockState),
      optional('tdc:Alarm', state.alarm),
      state.tamper === null ? undefined : el('tdc:Tamper', el('tdc:State', state.tamper)),
      state.fault === null ? undefined : el('tdc:Fault', el('tdc:State', state.fault)),
      el('tdc:DoorMode', state.mode ?? 'Unknown'),
    ),
  );
}
