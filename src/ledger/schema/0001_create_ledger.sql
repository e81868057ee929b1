-- Acts as they were committed; leaf_index is given by the integrator.
CREATE TABLE ledger_act (
  act_id     TEXT   NOT NULL,
  subject    TEXT   NOT NULL,
  kind       TEXT   NOT NULL,
  salt       BYTEA  NOT NULL,
  content    TEXT   NOT NULL,
  leaf_index BIGINT,
  PRIMARY KEY (act_id)
);

CREATE INDEX ledger_act_subject ON ledger_act (subject, act_id);
-- What waits for its place, in the order of the acts.
CREATE INDEX ledger_act_waiting ON ledger_act (act_id) WHERE leaf_index IS NULL;

-- Tiles by level, -1 for bundles of entries; width 256 is full.
CREATE TABLE ledger_tile (
  level      BIGINT NOT NULL,
  tile_index BIGINT NOT NULL,
  width      BIGINT NOT NULL,
  content    BYTEA  NOT NULL,
  PRIMARY KEY (level, tile_index, width)
);

-- One row: the latest signed checkpoint.
CREATE TABLE ledger_checkpoint (
  one  BIGINT NOT NULL,
  size BIGINT NOT NULL,
  note TEXT   NOT NULL,
  PRIMARY KEY (one)
);
