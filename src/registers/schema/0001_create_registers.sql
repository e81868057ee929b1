-- Records in two times: valid_from/valid_to say when it was so (days, valid_to not included), recorded_at/
-- superseded_at when it was held to be so. Contents are sealed; search goes by keyed hashes alone.

CREATE TABLE registers_record (
  register_id   TEXT   NOT NULL,
  kind          TEXT   NOT NULL,
  record_key    TEXT   NOT NULL,
  version       BIGINT NOT NULL,
  subject       TEXT   NOT NULL,
  valid_from    TEXT   NOT NULL,
  valid_to      TEXT,
  recorded_at   BIGINT NOT NULL,
  superseded_at BIGINT,
  account_id    TEXT   NOT NULL,
  capacity      TEXT   NOT NULL,
  body          TEXT   NOT NULL,
  case_id       TEXT   NOT NULL,
  legal_ground  TEXT   NOT NULL,
  content       BYTEA  NOT NULL,
  PRIMARY KEY (register_id, kind, record_key, version)
);

-- Only versions that are held to be true now.
CREATE TABLE registers_index (
  register_id TEXT   NOT NULL,
  value_hash  BYTEA  NOT NULL,
  kind        TEXT   NOT NULL,
  record_key  TEXT   NOT NULL,
  version     BIGINT NOT NULL,
  PRIMARY KEY (register_id, value_hash, kind, record_key, version)
);

CREATE INDEX registers_index_record ON registers_index (register_id, kind, record_key, version);
