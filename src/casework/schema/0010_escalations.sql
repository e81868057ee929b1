-- Cases that stand before a superior body, since their own did not answer in time.
CREATE TABLE casework_escalation (
  superior TEXT   NOT NULL,
  body     TEXT   NOT NULL,
  case_id  TEXT   NOT NULL,
  at       BIGINT NOT NULL,
  article  TEXT   NOT NULL,
  PRIMARY KEY (superior, body, case_id)
);
