-- The letter of each decision, as it was made in the transaction of the decision: sealed, with the SHA-256 that stands in
-- the act. `pdf` and `signature` are drawn and signed soon after; a failure is kept and tried again.
CREATE TABLE casework_decision (
  body          TEXT   NOT NULL,
  case_id       TEXT   NOT NULL,
  number        BIGINT NOT NULL,
  decided_at    BIGINT NOT NULL,
  letter_sha256 TEXT   NOT NULL,
  appeal_until  BIGINT,
  content       BYTEA  NOT NULL,
  state         TEXT   NOT NULL,
  not_before    BIGINT NOT NULL,
  attempts      BIGINT NOT NULL,
  last_error    TEXT   NOT NULL,
  pdf_sha256    TEXT   NOT NULL,
  pdf           BYTEA,
  signature     BYTEA,
  PRIMARY KEY (body, case_id, number)
);
CREATE INDEX casework_decision_state ON casework_decision (state, not_before);
