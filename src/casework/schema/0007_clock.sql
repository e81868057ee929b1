-- Since when a clock stands, for lists; and by which calendars the running terms were counted last: whose calendar it is
-- (the code of a body, empty for the government's), the SHA-256 of all it says, and of each edition.
ALTER TABLE casework_clock ADD COLUMN stands_since BIGINT;

CREATE TABLE casework_calendar (
  owner    TEXT PRIMARY KEY,
  hash     TEXT NOT NULL,
  editions TEXT NOT NULL
);
DROP TABLE casework_edition;
