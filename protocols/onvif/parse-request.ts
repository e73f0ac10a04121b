import { SharpEyesError } from '../../contract/errors.ts';
import { parseSoap } from '../soap/parse.ts';
import { child, textAt } from '../soap/query.ts';
import { parseUsernameToken, type UsernameToken } from '../soap/username-token.ts';
import type { XmlElement } from '../soap/xml.ts';
import { parseDuration } from './time.ts';

/** A request as the device side sees it. */
export interface ReceivedRequest {
  readonly operation: string;
  /** Namespace of the operation; tells the two media services apart. */
  readonly namespace: string | null;
  readonly body: XmlElement;
  /** Credentials in the header; null when there are none (HTTP Digest, or no authentication at all). */
  readonly token: UsernameToken | null;
  /** WS-Addressing destination, which names the pull point; null when there is none. */
  readonly to: string | null;
}

/**
 * Reads a request to a device.
 * @throws SharpEyesError DEVICE_PROTOCOL when it is not a SOAP request
 */
export function parseRequest(source: Uint8Array | string): ReceivedRequest {
  const { body, header, operation } = parseSoap(source);
  if (body === undefined) throw new SharpEyesError('DEVICE_PROTOCOL', 'the request has an empty body');
  return { operation, namespace: body.namespace, body, token: parseUsernameToken(header), to: textAt(header, 'To') };
}

/** Parameters of PullMessages. */
export function parsePullMessagesRequest(body: XmlElement): { timeoutMs: number; messageLimit: number } {
  const limit = Number(textAt(body, 'MessageLimit') ?? '1');
  return {
    timeoutMs: parseDuration(textAt(body, 'Timeout')) ?? 0,
    messageLimit: Number.isInteger(limit) && limit > 0 ? limit : 1,
  };
}

/** Lifetime that CreatePullPointSubscription or Renew asks for; null when it leaves it to the device. */
export function parseTerminationRequest(body: XmlElement): number | null {
  return parseDuration(textAt(body, 'InitialTerminationTime') ?? textAt(body, 'TerminationTime'));
}

/** Profile token of GetStreamUri and GetSnapshotUri; '' when missing. */
export function parseProfileToken(body: XmlElement): string {
  return child(body, 'ProfileToken')?.text ?? '';
}
