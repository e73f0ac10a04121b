/** What an endpoint says about itself in a ProbeMatch or Hello (WS-Discovery 2005/04, 4 and 5). */
export interface Announcement {
  /** The endpoint reference as written, usually `urn:uuid:…`. Stable across addresses and restarts. */
  readonly endpoint: string;
  /** Qualified names as written (`dn:NetworkVideoTransmitter`). May be empty: real devices leave them out. */
  readonly types: readonly string[];
  /** Scope tokens as written; not every device's tokens are URIs. */
  readonly scopes: readonly string[];
  /** Service addresses as written. */
  readonly xaddrs: readonly string[];
  readonly metadataVersion: number | null;
  /** Whether types, scopes or addresses say that it speaks ONVIF; printers and computers answer probes too. */
  readonly speaksOnvif: boolean;
}

/** Sequence information a device adds to its messages (WS-Discovery, 7.1). */
export interface AppSequence {
  readonly instanceId: number;
  readonly messageNumber: number;
}

/** A message of the protocol, the parts that discovery needs. */
export type DiscoveryMessage =
  | {
      readonly kind: 'probe';
      readonly messageId: string;
      readonly types: readonly ProbeType[];
      readonly scopes: readonly string[];
    }
  | {
      readonly kind: 'probe-matches';
      readonly messageId: string | null;
      readonly relatesTo: string | null;
      readonly matches: readonly Announcement[];
    }
  | { readonly kind: 'hello'; readonly messageId: string | null; readonly announcement: Announcement }
  | { readonly kind: 'bye'; readonly messageId: string | null; readonly endpoint: string };

/** A type that a probe asks for. */
export interface ProbeType {
  /** Namespace where the prefix was declared, else null. */
  readonly namespace: string | null;
  readonly name: string;
}

/** UDP port and multicast group (WS-Discovery, 2.4). */
export const DISCOVERY_PORT = 3702;
/** IPv4 group of the protocol. */
export const DISCOVERY_GROUP = '239.255.255.250';
/** Largest datagram worth reading: what UDP over Ethernet carries, fragmented or not. */
export const MAX_DATAGRAM_BYTES = 65_507;
