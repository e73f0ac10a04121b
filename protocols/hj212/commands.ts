/** What a command carries, by its number (CN; HJ 212-2017, 6.6.5). Numbers that are not here are handed on as they are. */
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
  /** Not in the text of 2017; programs in the field send it. */
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

/**
 * Whether a station uploads something with it, which is stored and answered by a 9014: measured values (20xx) and what it
 * says about itself and its site (30xx, 80xx). What begins with 1 or 9 belongs to the dialogue.
 */
export function isUpload(cn: string): boolean {
  return /^[2-8]/.test(cn);
}
