import { type Content, el, element, envelope, type Markup } from '../soap/build.ts';
import type { ServiceName } from './services.ts';

/** One request, before it gets an envelope, a security header and an address. */
export interface OnvifRequest {
  readonly service: ServiceName;
  /** Local name of the operation (`GetProfiles`). */
  readonly operation: string;
  /** SOAP action URI. */
  readonly action: string;
  readonly body: Markup;
}

/** What the envelope adds to a request. */
export interface RequestOptions {
  /** WS-Security header (`usernameTokenHeader`); left out when HTTP Digest signs the request. */
  readonly security?: Markup;
  /** WS-Addressing, needed by pull points only: devices with strict parsers choke on headers they do not know. */
  readonly addressing?: {
    readonly to: string;
    readonly messageId: string;
    /** Reference parameters of the endpoint reference, to be sent back as headers (WS-Addressing, 3.3). */
    readonly referenceParameters: readonly ReferenceParameter[];
  };
}

/** A reference parameter of a subscription. */
export interface ReferenceParameter {
  readonly name: string;
  readonly namespace: string | null;
  readonly text: string;
}

/** The whole SOAP envelope of a request. */
export function buildRequest(request: OnvifRequest, options: RequestOptions = {}): string {
  const { addressing } = options;
  const header: Content[] = [options.security];
  if (addressing !== undefined) {
    header.push(
      el('wsa:Action', request.action),
      el('wsa:MessageID', addressing.messageId),
      el('wsa:ReplyTo', el('wsa:Address', 'http://www.w3.org/2005/08/addressing/anonymous')),
      el('wsa:To', addressing.to),
      addressing.referenceParameters.map(referenceHeader),
    );
  }
  return envelope(
    ['wsa', 'wsse', 'wsu', 'wsnt', 'tt', 'tns1', 'tds', 'trt', 'tr2', 'tev', 'tdc', 'tptz'],
    header.length === 0 ? undefined : header,
    request.body,
  );
}

function referenceHeader(parameter: ReferenceParameter): Content {
  const attributes = { 'xmlns:ref': parameter.namespace ?? undefined, 'wsa:IsReferenceParameter': 'true' };
  const name = parameter.namespace === null ? parameter.name : `ref:${parameter.name}`;
  return /^[A-Za-z_][\w.-]*$/.test(parameter.name) ? element(name, attributes, parameter.text) : undefined;
}
