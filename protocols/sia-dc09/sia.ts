/** One event of a SIA DC-03 block: what SIA-DCS messages carry. */
export interface SiaEvent {
  /** Two letters, e.g. `BA` for burglary alarm. */
  readonly code: string;
  /** Zone or user as written; may be empty. */
  readonly address: string;
}

/** A SIA DC-03 block. */
export interface SiaBlock {
  /** Account inside the data; null when it is left out. */
  readonly account: string | null;
  /** Modifiers by their two letters: `ti` time, `id` user, `ri` area, `pi` peripheral. */
  readonly modifiers: Readonly<Record<string, string>>;
  readonly events: readonly SiaEvent[];
  /** Text between carets; null when there is none. */
  readonly text: string | null;
}

const MODIFIER = /\/?(ti|id|ri|pi|va)([0-9][0-9:.-]*)/y;
const EVENT = /\/?([A-Z]{2})([0-9]*)/y;
const MAX_EVENTS = 16;

/**
 * Reads `#account|Nri1/BA001^text^` as panels write it: account, bar, slashes and text may be missing.
 * @returns null when there is no event code in it
 */
export function parseSia(data: string): SiaBlock | null {
  const bar = data.indexOf('|');
  const account = /^#([0-9A-Fa-f]{1,16})$/.exec(bar < 0 ? '' : data.slice(0, bar))?.[1] ?? null;
  const block = data.slice(bar + 1);
  if (!/^[NO]/.test(block)) return null;
  const modifiers: [string, string][] = [];
  let at = 1;
  for (;;) {
    MODIFIER.lastIndex = at;
    const match = MODIFIER.exec(block);
    if (match === null) break;
    modifiers.push([match[1] ?? '', match[2] ?? '']);
    at = MODIFIER.lastIndex;
  }
  const { events, end } = readEvents(block, at);
  if (events.length === 0) return null;
  const text = /^\^([^^|]*)/.exec(block.slice(end))?.[1] ?? null;
  return { account, modifiers: Object.fromEntries(modifiers), events, text };
}

/** Codes follow each other behind slashes; what follows a code in any other way is a maker's addition. */
function readEvents(block: string, from: number): { events: SiaEvent[]; end: number } {
  const events: SiaEvent[] = [];
  let at = from;
  while (events.length < MAX_EVENTS) {
    EVENT.lastIndex = at;
    const match = events.length > 0 && block[at] !== '/' ? null : EVENT.exec(block);
    if (match === null) break;
    events.push({ code: match[1] ?? '', address: match[2] ?? '' });
    at = EVENT.lastIndex;
  }
  return { events, end: at };
}

/** Writes the data of a SIA-DCS message. */
export function buildSia(account: string, area: string, event: SiaEvent): string {
  return `#${account}|Nri${area}/${event.code}${event.address}`;
}
