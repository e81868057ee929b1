-- An application from its draft to its decision. Personal data stands only in `content`, sealed under
-- the applicant's key; every table begins with the body that owns the row, or with the account.

CREATE TABLE casework_draft (
  account_id   TEXT   NOT NULL,
  draft_id     TEXT   NOT NULL,
  service_id   TEXT   NOT NULL,
  applicant_id TEXT   NOT NULL,
  capacity     TEXT   NOT NULL,
  legal_ground TEXT   NOT NULL,
  updated_at   BIGINT NOT NULL,
  content      BYTEA  NOT NULL,
  PRIMARY KEY (account_id, draft_id)
);

CREATE TABLE casework_case (
  body             TEXT   NOT NULL,
  case_id          TEXT   NOT NULL,
  receipt          TEXT   NOT NULL,
  service_id       TEXT   NOT NULL,
  account_id       TEXT   NOT NULL,
  applicant_id     TEXT   NOT NULL,
  capacity         TEXT   NOT NULL,
  legal_ground     TEXT   NOT NULL,
  language         TEXT   NOT NULL,
  status           TEXT   NOT NULL,
  submitted_at     BIGINT NOT NULL,
  due_at           BIGINT NOT NULL,
  decided_at       BIGINT,
  decided_by       TEXT,
  article          TEXT,
  certificate_code TEXT,
  instance_id      TEXT,
  task_id          TEXT,
  idempotency_key  TEXT   NOT NULL,
  content          BYTEA  NOT NULL,
  PRIMARY KEY (body, case_id)
);

CREATE UNIQUE INDEX casework_case_receipt ON casework_case (body, receipt);
CREATE UNIQUE INDEX casework_case_once ON casework_case (body, account_id, idempotency_key);
CREATE INDEX casework_case_account ON casework_case (account_id, submitted_at);
CREATE INDEX casework_case_inbox ON casework_case (body, status, due_at);

-- Work that the house owes to a case: the worker takes the oldest that is due.
CREATE TABLE casework_job (
  body       TEXT   NOT NULL,
  case_id    TEXT   NOT NULL,
  not_before BIGINT NOT NULL,
  attempts   BIGINT NOT NULL,
  last_error TEXT   NOT NULL,
  PRIMARY KEY (body, case_id)
);

CREATE INDEX casework_job_due ON casework_job (not_before);
