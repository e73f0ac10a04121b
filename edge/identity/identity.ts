import { type KeyObject, webcrypto } from 'node:crypto';
import { type Sealed, sealingContext, unseal } from '../../contract/sealed.ts';

/** Who this edge is, and where its hub is. Made once when it joins; kept with permissions 0600. */
export interface EdgeIdentity {
  edgeId: string;
  /** The name that the hub gave when it joined; the hub may change it later. */
  name: string;
  hubUrl: string;
  mqttUrl: string;
  mediaUrl: string;
  /** The hub's own authority; null on loopback without TLS. */
  caPem: string | null;
  /** Signs in to MQTT and to the upload address. */
  secret: string;
  /** Opens what the hub passes on sealed. */
  sealingKey: webcrypto.CryptoKey;
  /** Its public half, as the hub has it. */
  sealingPublicKey: string;
  /** Ed25519; signs what this edge recorded. */
  signingKey: KeyObject;
}

/** Opens a device's password. Rejects when it was sealed to another edge. The result is never logged or returned. */
export function openSealed(identity: EdgeIdentity, sealed: Sealed): Promise<string> {
  return unseal(webcrypto, identity.sealingKey, sealingContext(identity.edgeId), sealed);
}
