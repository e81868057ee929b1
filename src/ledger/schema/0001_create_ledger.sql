-- Official acts as canonical JSON with the salt of their commitment. Rows are written once; only the
-- integrator sets leaf_index, the place in the tree.
CREATE TABLE ledger_act (
    act_id TEXT NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    appended_at BIGINT NOT NULL,
    leaf_index BIGINT,
    salt BYTEA NOT NULL,
    content TEXT NOT NULL
);
CREATE INDEX ledger_act_subject ON ledger_act (subject);
CREATE INDEX ledger_act_pending ON ledger_act (appended_at) WHERE leaf_index IS NULL;

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
