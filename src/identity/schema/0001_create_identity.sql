-- Accounts, sessions and what goes with them. No name, secret, token or whole address stands here in
-- clear: names are keyed hashes plus a sealed form, tokens and links SHA-256, clients keyed hashes.

CREATE TABLE identity_account (
  account_id   TEXT   NOT NULL PRIMARY KEY,
  name_hash    BYTEA  NOT NULL,
  name_sealed  BYTEA  NOT NULL,
  person_id    TEXT,
  password     TEXT   NOT NULL,
  totp_sealed  BYTEA,
  totp_step    BIGINT NOT NULL,
  disabled     BIGINT NOT NULL,
  created_at   BIGINT NOT NULL
);

CREATE UNIQUE INDEX identity_account_name ON identity_account (name_hash);
CREATE UNIQUE INDEX identity_account_person ON identity_account (person_id);

CREATE TABLE identity_role (
  body       TEXT NOT NULL,
  role       TEXT NOT NULL,
  account_id TEXT NOT NULL,
  PRIMARY KEY (body, role, account_id)
);

CREATE INDEX identity_role_account ON identity_role (account_id);

-- state: awaiting_code, enrolling, active.
CREATE TABLE identity_session (
  token_hash     BYTEA  NOT NULL PRIMARY KEY,
  account_id     TEXT   NOT NULL,
  state          TEXT   NOT NULL,
  started_at     BIGINT NOT NULL,
  last_seen_at   BIGINT NOT NULL,
  expires_at     BIGINT NOT NULL,
  pending_sealed BYTEA
);

CREATE INDEX identity_session_account ON identity_session (account_id);
CREATE INDEX identity_session_end ON identity_session (expires_at);

CREATE TABLE identity_link (
  link_hash  BYTEA  NOT NULL PRIMARY KEY,
  kind       TEXT   NOT NULL,
  account_id TEXT,
  roles      TEXT   NOT NULL,
  made_by    TEXT   NOT NULL,
  expires_at BIGINT NOT NULL
);

-- Tries that count against an account, a client, or an account from a client that it knows.
CREATE TABLE identity_throttle (
  key_hash   BYTEA  NOT NULL PRIMARY KEY,
  failures   BIGINT NOT NULL,
  last_at    BIGINT NOT NULL
);

CREATE INDEX identity_throttle_age ON identity_throttle (last_at);

-- Clients from which an account has signed in: others cannot slow it down there.
CREATE TABLE identity_known_client (
  client_hash BYTEA  NOT NULL PRIMARY KEY,
  account_id  TEXT   NOT NULL,
  last_at     BIGINT NOT NULL
);

CREATE INDEX identity_known_client_age ON identity_known_client (last_at);

CREATE TABLE identity_sign_in (
  account_id TEXT   NOT NULL,
  event_id   TEXT   NOT NULL,
  at         BIGINT NOT NULL,
  result     TEXT   NOT NULL,
  client     TEXT   NOT NULL,
  PRIMARY KEY (account_id, event_id)
);

CREATE INDEX identity_sign_in_age ON identity_sign_in (at);

-- A person's data key, wrapped. An erased person keeps the row without the key.
CREATE TABLE identity_person_key (
  person_id  TEXT   NOT NULL PRIMARY KEY,
  wrapped    BYTEA,
  created_at BIGINT NOT NULL,
  erased_at  BIGINT
);

CREATE TABLE identity_access (
  person_id    TEXT   NOT NULL,
  access_id    TEXT   NOT NULL,
  at           BIGINT NOT NULL,
  account_id   TEXT   NOT NULL,
  capacity     TEXT   NOT NULL,
  body         TEXT   NOT NULL,
  case_id      TEXT   NOT NULL,
  legal_ground TEXT   NOT NULL,
  what         TEXT   NOT NULL,
  PRIMARY KEY (person_id, access_id)
);

CREATE INDEX identity_access_account ON identity_access (account_id, access_id);

CREATE TABLE identity_mandate (
  mandate_id     TEXT   NOT NULL PRIMARY KEY,
  representative TEXT   NOT NULL,
  represented    TEXT   NOT NULL,
  kind           TEXT   NOT NULL,
  services       TEXT   NOT NULL,
  valid_from     BIGINT NOT NULL,
  valid_until    BIGINT,
  legal_ground   TEXT   NOT NULL
);

CREATE INDEX identity_mandate_representative ON identity_mandate (representative);
CREATE INDEX identity_mandate_represented ON identity_mandate (represented);
