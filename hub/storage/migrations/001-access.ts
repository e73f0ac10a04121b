/** Accounts, sessions, and the audit log. */
export const ACCESS_001 = `
CREATE TABLE accounts (
  account TEXT PRIMARY KEY,
  display_name TEXT NOT NULL,
  role TEXT NOT NULL,
  areas TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  must_change_password INTEGER NOT NULL,
  disabled INTEGER NOT NULL,
  created_at_ms REAL NOT NULL,
  last_sign_in_at_ms REAL
) STRICT;

CREATE TABLE sessions (
  token_sha256 TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
  created_at_ms REAL NOT NULL,
  expires_at_ms REAL NOT NULL
) STRICT;
CREATE INDEX sessions_by_account ON sessions (account);
CREATE INDEX sessions_by_expiry ON sessions (expires_at_ms);

CREATE TABLE audit (
  sequence INTEGER PRIMARY KEY,
  at_ms REAL NOT NULL,
  account TEXT,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  purpose TEXT,
  details TEXT NOT NULL,
  address TEXT,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_action ON audit (action, sequence);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
`;
