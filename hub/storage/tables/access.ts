/** A person's account. */
export interface AccountRow {
  /** Name to sign in with; never changes. */
  account: string;
  display_name: string;
  /** One of `ROLES`. */
  role: string;
  /** JSON list of region ids; empty for the whole tree. */
  areas: string;
  /** `scrypt$N$r$p$salt$hash`, salt and hash as base64. */
  password_hash: string;
  /** 1 while the password is one that somebody else has seen. */
  must_change_password: number;
  /** 1 when the account cannot sign in. */
  disabled: number;
  /** Hub time. */
  created_at_ms: number;
  /** Hub time; null before the first time. */
  last_sign_in_at_ms: number | null;
}

/** A signed-in browser. The token itself is only in its cookie. */
export interface SessionRow {
  /** SHA-256 of the token, hexadecimal. */
  token_sha256: string;
  account: string;
  /** Hub time of signing in. */
  created_at_ms: number;
  /** Hub time; moves on with use. */
  expires_at_ms: number;
}

/** A password with which another program of a person reads live streams over RTSP. */
export interface ReaderRow {
  /** Name to sign in with. */
  reader: string;
  /** Whose it is: role and area are that person's. */
  account: string;
  /** What it is for, in the person's words. */
  name: string;
  /** Hashes of the password, sealed with the key in the data folder. */
  secret: string;
  /** Hub time. */
  created_at_ms: number;
  /** Hub time; null before the first time. */
  last_used_at_ms: number | null;
}

/** An entry of the audit log; triggers refuse to change or delete one. */
export interface AuditRow {
  /** Counts up by one without a hole from 1. */
  sequence: number;
  /** Hub time. */
  at_ms: number;
  /** Who did it; null for the system. */
  account: string | null;
  /** What was done, e.g. `footage.look`. */
  action: string;
  /** Id of what it was done to. */
  subject: string;
  purpose: string | null;
  /** JSON record of scalars. */
  details: string;
  /** Network address of the caller. */
  address: string | null;
  /** `hash` of the entry before; 64 zeros for the first. */
  previous: string;
  /** SHA-256 over the canonical JSON of everything above, hexadecimal. */
  hash: string;
}

/** Tables of `access/` and `audit/`. */
export interface AccessTables {
  accounts: AccountRow;
  sessions: SessionRow;
  readers: ReaderRow;
  audit: AuditRow;
}
