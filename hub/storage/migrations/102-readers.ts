/** Passwords for programs that read live streams over RTSP. */
export const READERS_102 = `
CREATE TABLE readers (
  reader TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
  name TEXT NOT NULL,
  secret TEXT NOT NULL,
  created_at_ms REAL NOT NULL,
  last_used_at_ms REAL
) STRICT;
CREATE INDEX readers_by_account ON readers (account);
`;
