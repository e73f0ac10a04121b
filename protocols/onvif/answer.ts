import { SharpEyesError } from '../../contract/errors.ts';
import { faultError } from '../soap/fault.ts';
import { parseSoap } from '../soap/parse.ts';
import type { XmlElement } from '../soap/xml.ts';

/**
 * The body of the answer to an operation.
 * @throws SharpEyesError DEVICE_REFUSED_CREDENTIALS, DEVICE_UNSUPPORTED or DEVICE_PROTOCOL for a fault, a document that
 *   is not SOAP, or the answer to something else
 */
export function parseAnswer(source: Uint8Array | string, operation: string): XmlElement {
  const { body, fault, operation: answered } = parseSoap(source);
  if (fault !== null) throw faultError(fault, operation);
  if (body === undefined || answered !== `${operation}Response`) {
    throw new SharpEyesError('DEVICE_PROTOCOL', `the device answered ${operation} with "${answered.slice(0, 60)}"`, {
      context: { operation },
    });
  }
  return body;
}
