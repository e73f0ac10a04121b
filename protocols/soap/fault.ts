import { SharpEyesError } from '../../contract/errors.ts';
import { type Content, el, element, envelope } from './build.ts';
import { child, deepText } from './query.ts';
import type { XmlElement } from './xml.ts';

/** A SOAP fault, as told by the device. */
export interface SoapFault {
  /** Code and sub-codes from the outside in, as written (`env:Sender`, `ter:NotAuthorized`). */
  readonly codes: readonly string[];
  readonly reason: string;
  readonly detail: string | null;
  /** The first element inside the detail (`SubscribeCreationFailedFault` …), or null. */
  readonly detailName: string | null;
}

/** What a caller can do about a fault; closed, decided by codes, never by the text. */
export type FaultKind = 'not-authorized' | 'not-supported' | 'invalid-arguments' | 'resource-unknown' | 'other';

/** Reads a `Fault` element (SOAP 1.2, 5.4; SOAP 1.1's `faultcode` too). */
export function parseFault(fault: XmlElement): SoapFault {
  const codes: string[] = [];
  let level = child(fault, 'Code');
  while (level !== undefined && codes.length < 8) {
    const value = child(level, 'Value')?.text ?? '';
    if (value !== '') codes.push(value);
    level = child(level, 'Subcode');
  }
  const legacyCode = child(fault, 'faultcode')?.text;
  if (codes.length === 0 && legacyCode !== undefined) codes.push(legacyCode);
  const detail = child(fault, 'Detail') ?? child(fault, 'detail');
  const detailText = deepText(detail);
  return {
    codes,
    reason: deepText(child(fault, 'Reason')) || (child(fault, 'faultstring')?.text ?? ''),
    detail: detailText === '' ? null : detailText,
    detailName: detail?.children[0]?.name ?? null,
  };
}

const KIND_OF_CODE: Readonly<Record<string, FaultKind>> = {
  NotAuthorized: 'not-authorized',
  FailedAuthentication: 'not-authorized',
  InvalidSecurity: 'not-authorized',
  OperationProhibited: 'not-authorized',
  ActionNotSupported: 'not-supported',
  InvalidArgVal: 'invalid-arguments',
  InvalidArgs: 'invalid-arguments',
  TagMismatch: 'invalid-arguments',
  ResourceUnknownFault: 'resource-unknown',
  ResourceUnknown: 'resource-unknown',
};

/** Sorts a fault by its codes (ONVIF Core, 5.8.2) and by the name of its detail. */
export function faultKind(fault: SoapFault): FaultKind {
  const names = [...fault.codes.map((code) => code.slice(code.indexOf(':') + 1)), fault.detailName ?? ''];
  for (const name of names) {
    const kind = KIND_OF_CODE[name];
    if (kind !== undefined) return kind;
  }
  return 'other';
}

/** The registry error for a fault that answered `operation`. */
export function faultError(fault: SoapFault, operation: string): SharpEyesError {
  const kind = faultKind(fault);
  const said = fault.reason || fault.detail || fault.codes.join(' ');
  const context = { operation, fault: fault.codes.join(' ').slice(0, 200), faultKind: kind };
  if (kind === 'not-authorized') {
    return new SharpEyesError('DEVICE_REFUSED_CREDENTIALS', `the device refuses ${operation}: ${said}`, { context });
  }
  if (kind === 'not-supported') {
    return new SharpEyesError('DEVICE_UNSUPPORTED', `the device does not offer ${operation}: ${said}`, { context });
  }
  return new SharpEyesError('DEVICE_PROTOCOL', `the device answered ${operation} with a fault: ${said}`, { context });
}

/**
 * A fault as a device sends it.
 * @param codes from the outside in, prefixed (`s:Sender`, `ter:NotAuthorized`)
 */
export function buildFault(codes: readonly string[], reason: string, detail?: Content): string {
  const code = [...codes]
    .reverse()
    .reduce<Content>(
      (inner, value, index) => el(index === codes.length - 1 ? 's:Code' : 's:Subcode', el('s:Value', value), inner),
      undefined,
    );
  return envelope(
    ['ter', 'wsnt', 'wsrfr', 'xs'],
    undefined,
    el(
      's:Fault',
      code,
      el('s:Reason', element('s:Text', { 'xml:lang': 'en' }, reason)),
      detail === undefined ? undefined : el('s:Detail', detail),
    ),
  );
}
