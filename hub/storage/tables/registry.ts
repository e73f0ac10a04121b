/** A node of the region tree. */
export interface RegionRow {
  region_id: string;
  /** Null for a top of the tree. */
  parent_id: string | null;
  /** One of `REGION_LEVELS`. */
  level: string;
  name: string;
  /** Division code (GB/T 2260). */
  code: string | null;
}

/** An edge: enrolled by a person, joined by its own request. */
export interface EdgeRow {
  edge_id: string;
  name: string;
  region_id: string | null;
  /** Hub time of the newest join file. */
  enrolled_at_ms: number;
  /** SHA-256 of the one-use token, hexadecimal; null when there never was one. */
  join_token_sha256: string | null;
  /** Hub time until which the token works. */
  join_expires_at_ms: number | null;
  /** Hub time when the token was used; then only the same edge with the same secret may repeat its request. */
  join_used_at_ms: number | null;
  /** Hub time; null until it joined. */
  joined_at_ms: number | null;
  /** Verifier of its secret in Mosquitto's `$7$` form; null until it joined. */
  verifier: string | null;
  /** Public key to which device passwords are sealed (P-256 point, base64url). */
  sealing_key: string | null;
  /** Public key with which it signs recordings (Ed25519 SPKI, base64url). */
  signing_key: string | null;
}

/** A device: what people decided about it. What it does now is reported by its edge and is not stored. */
export interface DeviceRow {
  device_id: string;
  edge_id: string;
  /** Candidate that it was registered from; null when it was entered by hand. */
  candidate_id: string | null;
  type: string;
  driver: string;
  /** Logical number for the keyboard; never given out twice. */
  number: number;
  name: string;
  region_id: string | null;
  /** WGS 84 degrees. */
  latitude: number | null;
  longitude: number | null;
  /** Degrees clockwise from north. */
  bearing_deg: number | null;
  /** Metres. */
  view_distance_m: number | null;
  /** Degrees. */
  view_angle_deg: number | null;
  /** JSON list of device ids. */
  links: string;
  /** Hub time. */
  registered_at_ms: number;
  /** Hub time when it was taken out of service; its footage and incidents still name it. */
  removed_at_ms: number | null;
  /** Counts up with each change. */
  version: number;
}

/** Tables of `registry/`. */
export interface RegistryTables {
  regions: RegionRow;
  edges: EdgeRow;
  devices: DeviceRow;
}
