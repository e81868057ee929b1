-- Official acts as canonical JSON with the salt of their commitment. Rows are written once and never
-- changed. Acts that were appended together form a group, named by the id of its first act.
CREATE TABLE ledger_act (
    act_id TEXT NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    group_id BYTEA NOT NULL,
    ordinal BIGINT NOT NULL,
    salt BYTEA NOT NULL,
    content TEXT NOT NULL
);
CREATE INDEX ledger_act_subject ON ledger_act (subject);

-- What the integrator works on: the commitments of a group until it has a place in the tree, and then the
-- place of its first act. The act `ordinal` stands at first_index + ordinal.
CREATE TABLE ledger_group (
    group_id BYTEA NOT NULL PRIMARY KEY,
    appended_at BIGINT NOT NULL,
    first_index BIGINT,
    commitments BYTEA NOT NULL
);
CREATE INDEX ledger_group_pending ON ledger_group (appended_at) WHERE first_index IS NULL;

-- What is published: tiles of hashes, and under level -1 the bundles of entries. A partial tile is
-- replaced by the wider one.
CREATE TABLE ledger_tile (
    level BIGINT NOT NULL,
    tile_index BIGINT NOT NULL,
    width BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (level, tile_index)
);

-- One row: the tree as the last checkpoint signed it.
CREATE TABLE ledger_tree (
    tree_id BIGINT NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    checkpoint TEXT NOT NULL
);
INSERT INTO ledger_tree (tree_id, size, checkpoint) VALUES (1, 0, '');
