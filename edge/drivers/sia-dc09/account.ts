import type { Dc09Cipher } from '../../../protocols/sia-dc09/message.ts';
import type { DeviceReporter } from '../../profiles/reporter.ts';

/** An alarm box that may report here. */
export interface AlarmAccount {
  /** 3 to 16 hexadecimal digits; case does not matter. */
  readonly account: string;
  readonly deviceId: string;
  readonly reporter: DeviceReporter;
  /** When set, only sealed messages are taken; without it only plain ones can be read. */
  readonly cipher: Dc09Cipher | null;
  /** How often it has to be heard; null: it is not supervised. */
  readonly supervisionMs: number | null;
  /** Some panels never get CRC or length right; without this their messages are ignored. */
  readonly tolerateBadCrc: boolean;
}

/** Key under which an account is found. */
export function accountKey(account: string): string {
  return account.toUpperCase();
}
