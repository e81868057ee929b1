-- Work that failed for one case: it is tried again after growing pauses, then waits for an operator (state 'incident').
-- `number` is of the question or the letter; 0 for what a case has once.
CREATE TABLE casework_trouble (
  body       TEXT   NOT NULL,
  case_id    TEXT   NOT NULL,
  work       TEXT   NOT NULL,
  number     BIGINT NOT NULL,
  state      TEXT   NOT NULL,
  attempts   BIGINT NOT NULL,
  not_before BIGINT NOT NULL,
  since      BIGINT NOT NULL,
  last_at    BIGINT NOT NULL,
  problem    TEXT   NOT NULL,
  PRIMARY KEY (body, case_id, work, number)
);
CREATE INDEX casework_trouble_state ON casework_trouble (state, since);
CREATE INDEX casework_trouble_work ON casework_trouble (work, state, not_before);

-- What is owed: '' the next step of the case, 'grant' what follows from a grant by law.
ALTER TABLE casework_job ADD COLUMN what TEXT NOT NULL DEFAULT '';
