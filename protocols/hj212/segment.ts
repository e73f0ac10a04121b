import { SharpEyesError } from '../../contract/errors.ts';

/** Which edition a segment names in the upper bits of its Flag (HJ 212-2017, 6.3.2). */
export type Hj212Edition = '2005' | '2017' | '2025';

/** What stands in front of a segment's content: who sends what, and to whom an answer goes (HJ 212-2017, 6.3.2). */
export interface Hj212Head {
  /** Number of the request: `YYYYMMDDhhmmsszzz`; null when left out, as in 2005 uploads. */
  readonly qn: string | null;
  /** System: 22 air, 32 water discharge, 39 dust, 91 answers and notices … */
  readonly st: string;
  /** Command, see `commands.ts`. */
  readonly cn: string;
  readonly password: string | null;
  /** Identity of the station. */
  readonly mn: string;
  readonly flag: number | null;
  /** Null when there is no Flag, or one of an edition to come. */
  readonly edition: Hj212Edition | null;
  readonly wantsAnswer: boolean;
  /** The part of a message that was split, counted from 1; null when it is whole. */
  readonly part: { readonly number: number; readonly of: number } | null;
  /** All fields in front of the command's parameters, as they were sent. */
  readonly header: Readonly<Record<string, string>>;
  /** The content between the `&&`, as it was sent. */
  readonly content: string;
}

/** A data segment (HJ 212-2017, 6.3.2). */
export interface Hj212Segment extends Hj212Head {
  /** Parameters of the command: `DataTime`, `QnRtn`, `RtdInterval` … */
  readonly params: Readonly<Record<string, string>>;
  /** Measured factors by their code and attribute: `a34004` → `Rtd`, `Avg`, `Min`, `Max`, `Cou`, `Flag` … */
  readonly factors: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const EDITIONS: readonly (Hj212Edition | null)[] = ['2005', '2017', '2025'];
const CONTENT_MARK = 'CP=&&';
const FACTORS_MAX = 500;
const PARAMS_MAX = 100;
const ITEMS_MAX = 3000;
const FIELD = /^([A-Za-z][A-Za-z0-9]{0,31})=(.*)$/s;
const VALUE = /^([A-Za-z0-9_]{1,32})(?:-([A-Za-z0-9_]{1,32}))?=(.*)$/s;
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Reads what stands in front of a segment's content. Text is UTF-8 or, where it is not, GB 18030.
 * @throws SharpEyesError MESSAGE_MALFORMED when system, command or station is missing or it has no content
 */
export function parseHead(bytes: Uint8Array): Hj212Head {
  const text = decodeText(bytes);
  const contentAt = text.indexOf(CONTENT_MARK);
  if (contentAt === -1) throw malformed('it has no CP=&&');
  const header = parseHeader(text.slice(0, contentAt));
  const { QN, ST, CN, PW, MN, Flag } = header;
  if (ST === undefined || !/^[0-9A-Z]{2}$/i.test(ST)) throw malformed('its system (ST) is not two digits or letters');
  if (CN === undefined || !/^\d{4}$/.test(CN)) throw malformed('its command (CN) is not four digits');
  if (MN === undefined || !NAME.test(MN)) throw malformed('it does not say which station (MN) it is from');
  const flag = Flag !== undefined && /^\d{1,3}$/.test(Flag) ? Number(Flag) : null;
  const endAt = text.indexOf('&&', contentAt + CONTENT_MARK.length);
  return {
    qn: QN !== undefined && /^\d{17}$/.test(QN) ? QN : null,
    st: ST,
    cn: CN,
    password: PW ?? null,
    mn: MN,
    flag,
    edition: flag === null ? null : (EDITIONS[flag >>> 2] ?? null),
    wantsAnswer: flag !== null && (flag & 1) === 1,
    part: partOf(header, flag),
    header,
    content: text.slice(contentAt + CONTENT_MARK.length, endAt === -1 ? text.length : endAt),
  };
}

/**
 * A whole segment. Items of its content that are no `name=value` are left out, of two with the same name the later counts.
 * @throws SharpEyesError see {@link parseHead}
 */
export function parseSegment(bytes: Uint8Array): Hj212Segment {
  const head = parseHead(bytes);
  return { ...head, ...parseContent(head.content) };
}

function malformed(reason: string): SharpEyesError {
  return new SharpEyesError('MESSAGE_MALFORMED', `not an HJ 212 segment: ${reason}`);
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return new TextDecoder('gb18030').decode(bytes);
    throw error;
  }
}

function parseHeader(text: string): Record<string, string> {
  const header: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const item of text.split(';', 32)) {
    const [, name, value] = FIELD.exec(item.trim()) ?? [];
    if (name !== undefined && value !== undefined) header[name] = value.slice(0, 128);
  }
  return { ...header };
}

/** Some stations number their parts and forget the bit that says so. */
function partOf(header: Record<string, string>, flag: number | null): Hj212Head['part'] {
  const { PNUM = '', PNO = '' } = header;
  const [of, number] = [PNUM, PNO].map((value) => (/^\d{1,4}$/.test(value) ? Number(value) : 0));
  if (of === undefined || number === undefined || of < 1 || number < 1 || number > of) return null;
  return of > 1 || (flag !== null && (flag & 2) === 2) ? { number, of } : null;
}

/** Reads a segment's content; what is beyond 100 parameters, 500 factors or 3000 items is left out. */
export function parseContent(text: string): Pick<Hj212Segment, 'params' | 'factors'> {
  const params: Record<string, string> = Object.create(null) as Record<string, string>;
  const factors: Record<string, Record<string, string>> = Object.create(null) as Record<string, Record<string, string>>;
  let [paramCount, factorCount] = [0, 0];
  for (const item of text.split(/[;,]/, ITEMS_MAX)) {
    const [, name, attribute, value] = VALUE.exec(item.trim()) ?? [];
    if (name === undefined || value === undefined) continue;
    if (attribute === undefined) {
      if (params[name] === undefined) paramCount += 1;
      if (paramCount <= PARAMS_MAX) params[name] = value;
      continue;
    }
    let factor = factors[name];
    if (factor === undefined) {
      if (factorCount >= FACTORS_MAX) continue;
      factorCount += 1;
      factor = Object.create(null) as Record<string, string>;
      factors[name] = factor;
    }
    factor[attribute] = value;
  }
  return { params: { ...params }, factors: plain(factors) };
}

/** Keys come from outside: the maps are built without a prototype and handed on as ordinary objects. */
function plain(factors: Record<string, Record<string, string>>): Record<string, Record<string, string>> {
  return Object.fromEntries(Object.entries(factors).map(([code, attributes]) => [code, { ...attributes }]));
}
