-- What a procedure needs beside its application: the statutory clock, letters with their files, what other bodies
-- were asked, who stands in for whom, what was paid, and which cases belong together.

ALTER TABLE casework_case ADD COLUMN kind TEXT NOT NULL DEFAULT 'application';
ALTER TABLE casework_case ADD COLUMN channel TEXT NOT NULL DEFAULT 'portal';
ALTER TABLE casework_case ADD COLUMN assignee TEXT;

CREATE INDEX casework_case_applicant ON casework_case (applicant_id, service_id);

-- The clock's events as one document; the columns beside it are what the worker and the desk look for.
CREATE TABLE casework_clock (
  body     TEXT   NOT NULL,
  case_id  TEXT   NOT NULL,
  clock    TEXT   NOT NULL,
  state    TEXT   NOT NULL,
  due_at   BIGINT NOT NULL,
  PRIMARY KEY (body, case_id)
);
CREATE INDEX casework_clock_due ON casework_clock (state, due_at);

CREATE TABLE casework_message (
  body    TEXT   NOT NULL,
  case_id TEXT   NOT NULL,
  number  BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  side    TEXT   NOT NULL,
  kind    TEXT   NOT NULL,
  author  TEXT   NOT NULL,
  content BYTEA  NOT NULL,
  PRIMARY KEY (body, case_id, number)
);

CREATE TABLE casework_file (
  body       TEXT   NOT NULL,
  case_id    TEXT   NOT NULL,
  number     BIGINT NOT NULL,
  place      BIGINT NOT NULL,
  sha256     TEXT   NOT NULL,
  size       BIGINT NOT NULL,
  media_type TEXT   NOT NULL,
  content    BYTEA  NOT NULL,
  PRIMARY KEY (body, case_id, number, place)
);

CREATE TABLE casework_consultation (
  body        TEXT   NOT NULL,
  case_id     TEXT   NOT NULL,
  number      BIGINT NOT NULL,
  asked_body  TEXT   NOT NULL,
  asked_by    TEXT   NOT NULL,
  asked_at    BIGINT NOT NULL,
  due_at      BIGINT NOT NULL,
  answered_at BIGINT,
  answered_by TEXT,
  content     BYTEA  NOT NULL,
  PRIMARY KEY (body, case_id, number)
);
CREATE INDEX casework_consultation_asked ON casework_consultation (asked_body, due_at);

CREATE TABLE casework_absence (
  body          TEXT   NOT NULL,
  account_id    TEXT   NOT NULL,
  from_at       BIGINT NOT NULL,
  until_at      BIGINT NOT NULL,
  substitute_id TEXT   NOT NULL,
  PRIMARY KEY (body, account_id, from_at)
);

CREATE TABLE casework_payment (
  body      TEXT   NOT NULL,
  case_id   TEXT   NOT NULL,
  number    BIGINT NOT NULL,
  kind      TEXT   NOT NULL,
  state     TEXT   NOT NULL,
  amount    TEXT   NOT NULL,
  currency  TEXT   NOT NULL,
  provider  TEXT   NOT NULL,
  reference TEXT   NOT NULL,
  at        BIGINT NOT NULL,
  settled_at BIGINT,
  article   TEXT   NOT NULL,
  proof     TEXT   NOT NULL,
  PRIMARY KEY (body, case_id, number)
);
CREATE UNIQUE INDEX casework_payment_reference ON casework_payment (reference);
CREATE INDEX casework_payment_state ON casework_payment (state, at);

CREATE TABLE casework_link (
  body       TEXT   NOT NULL,
  case_id    TEXT   NOT NULL,
  kind       TEXT   NOT NULL,
  other_body TEXT   NOT NULL,
  other_case TEXT   NOT NULL,
  at         BIGINT NOT NULL,
  PRIMARY KEY (body, case_id, kind, other_case)
);
CREATE INDEX casework_link_other ON casework_link (other_body, other_case);
