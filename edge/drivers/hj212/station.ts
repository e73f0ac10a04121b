import type { DeviceReporter } from '../../profiles/reporter.ts';

/** A monitoring station that may report here. */
export interface Station {
  /** Its identity (MN); case does not matter. */
  readonly mn: string;
  readonly deviceId: string;
  readonly reporter: DeviceReporter;
  /** Its access password (PW), six digits as a rule; null: any is taken. */
  readonly password: string | null;
  /** How often it has to be heard; null: it is not supervised. */
  readonly supervisionMs: number | null;
  /** Some stations never get their check right; without this their messages are ignored. */
  readonly tolerateBadCrc: boolean;
  /** How far its clock is ahead of UTC, minutes: it sends local time without a zone. */
  readonly utcOffsetMinutes: number;
}

/** Key under which a station is found. */
export function stationKey(mn: string): string {
  return mn.toUpperCase();
}
