-- A draft that changes the answers of an application: its receipt and the version that is changed; '' and 0 for a new one.
ALTER TABLE casework_draft ADD COLUMN amends TEXT NOT NULL DEFAULT '';
ALTER TABLE casework_draft ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
