/** A Contact ID event (SIA DC-05): what ADM-CID messages carry. */
export interface ContactIdEvent {
  /** Account inside the data; null when it is left out. */
  readonly account: string | null;
  /** 1 new event or opening, 3 restore or closing, 6 status still present. */
  readonly qualifier: '1' | '3' | '6';
  /** Three digits, e.g. `130` for burglary. */
  readonly code: string;
  /** Area; null when the panel leaves it out. */
  readonly partition: string | null;
  /** Zone or user; null when the panel leaves it out. */
  readonly zone: string | null;
}

const CONTACT_ID =
  /^(?:#?([0-9A-Fa-f]{1,16}))?\|?\s*([136])([0-9A-Fa-f]{3})(?:\s+([0-9A-Fa-f]{2}))?(?:\s+([0-9A-Fa-f]{3,4}))?\s*$/;

/** Reads `#account|QXYZ GG CCC`; account, area and zone may be missing. Null for anything else. */
export function parseContactId(data: string): ContactIdEvent | null {
  const bar = data.indexOf('|');
  const match = CONTACT_ID.exec(bar < 0 ? `|${data}` : data);
  if (match === null) return null;
  const [, account, qualifier, code, partition, zone] = match;
  if (code === undefined || (qualifier !== '1' && qualifier !== '3' && qualifier !== '6')) return null;
  return {
    account: account ?? null,
    qualifier,
    code: code.toUpperCase(),
    partition: partition ?? null,
    zone: zone ?? null,
  };
}

/** Writes the data of an ADM-CID message. */
export function buildContactId(account: string, event: Omit<ContactIdEvent, 'account'>): string {
  return `#${account}|${event.qualifier}${event.code} ${event.partition ?? '00'} ${event.zone ?? '000'}`;
}
