/** What a command carries, by its number (CN; HJ 212-2017, annex C). Numbers that are not here are handed on as they are. */
export type Hj212Command =
  | 'time-request'
  | 'set-interval'
  | 'realtime'
  | 'equipment-status'
  | 'day'
  | 'equipment-day'
  | 'minute'
  | 'hour'
  | 'boot'
  | 'request-answer'
  | 'execution-result'
  | 'notice-answer'
  | 'data-answer'
  | 'heartbeat';

const COMMANDS: ReadonlyMap<string, Hj212Command> = new Map([
  ['1013', 'time-request'],
  ['1062', 'set-interval'],
  ['2011', 'realtime'],
  ['2021', 'equipment-status'],
  ['2031', 'day'],
  ['2041', 'equipment-day'],
  ['2051', 'minute'],
  ['2061', 'hour'],
  ['2081', 'boot'],
  ['9011', 'request-answer'],
  ['9012', 'execution-result'],
  ['9013', 'notice-answer'],
  ['9014', 'data-answer'],
  ['9015', 'heartbeat'],
]);

/** The command's name; null for a number that is not known here. */
export function commandOf(cn: string): Hj212Command | null {
  return COMMANDS.get(cn) ?? null;
}

/** Whether a station sends data with it, which wants a 9014 when it wants an answer. */
export function carriesData(cn: string): boolean {
  return cn.startsWith('20');
}
