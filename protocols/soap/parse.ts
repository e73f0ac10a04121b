import { SharpEyesError } from '../../contract/errors.ts';
import { parseFault, type SoapFault } from './fault.ts';
import { child } from './query.ts';
import { parseXml, type XmlElement, type XmlLimits } from './xml.ts';

/** A SOAP message: the first element of its body, its headers, and the fault if it is one. */
export interface SoapMessage {
  /** Local name of the body's first element (`GetProfilesResponse`, `Fault` …); '' for an empty body. */
  readonly operation: string;
  readonly body: XmlElement | undefined;
  readonly header: XmlElement | undefined;
  readonly fault: SoapFault | null;
}

/**
 * Reads a SOAP envelope; a missing Header, undeclared prefixes and SOAP 1.1 are tolerated.
 * @throws SharpEyesError DEVICE_PROTOCOL when it is not SOAP, LIMIT_REACHED when it is too large
 */
export function parseSoap(source: Uint8Array | string, limits?: XmlLimits): SoapMessage {
  const root = parseXml(source, limits);
  const bodyElement = root.name === 'Envelope' ? child(root, 'Body') : undefined;
  if (bodyElement === undefined) {
    throw new SharpEyesError('DEVICE_PROTOCOL', `the answer is not SOAP but a document of <${root.name}>`);
  }
  const body = bodyElement.children[0];
  return {
    operation: body?.name ?? '',
    body,
    header: child(root, 'Header'),
    fault: body?.name === 'Fault' ? parseFault(body) : null,
  };
}
