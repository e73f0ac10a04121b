/** XML namespaces that SOAP, WS-Discovery and ONVIF messages use, under the prefix this project writes. */
export const NAMESPACES = {
  s: 'http://www.w3.org/2003/05/soap-envelope',
  /** WS-Addressing of the event services (ONVIF Core, 9). */
  wsa: 'http://www.w3.org/2005/08/addressing',
  /** WS-Addressing of WS-Discovery 2005/04; an older edition than the event services use. */
  wsad: 'http://schemas.xmlsoap.org/ws/2004/08/addressing',
  d: 'http://schemas.xmlsoap.org/ws/2005/04/discovery',
  dn: 'http://www.onvif.org/ver10/network/wsdl',
  wsse: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd',
  wsu: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd',
  wsnt: 'http://docs.oasis-open.org/wsn/b-2',
  wstop: 'http://docs.oasis-open.org/wsn/t-1',
  wsrfr: 'http://docs.oasis-open.org/wsrf/r-2',
  tt: 'http://www.onvif.org/ver10/schema',
  ter: 'http://www.onvif.org/ver10/error',
  tns1: 'http://www.onvif.org/ver10/topics',
  tds: 'http://www.onvif.org/ver10/device/wsdl',
  trt: 'http://www.onvif.org/ver10/media/wsdl',
  tr2: 'http://www.onvif.org/ver20/media/wsdl',
  tev: 'http://www.onvif.org/ver10/events/wsdl',
  tdc: 'http://www.onvif.org/ver10/doorcontrol/wsdl',
  tptz: 'http://www.onvif.org/ver20/ptz/wsdl',
  xs: 'http://www.w3.org/2001/XMLSchema',
} as const;

/** A prefix of {@link NAMESPACES}. */
export type Prefix = keyof typeof NAMESPACES;
