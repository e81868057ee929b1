-- Running and past processes. Between two transactions a token stands at a task that waits, or at a join
-- on the flow by which it came. Moments are microseconds since 1970 in UTC; variables are canonical JSON.

CREATE TABLE process_instance (
  instance_id   TEXT   NOT NULL PRIMARY KEY,
  definition_id TEXT   NOT NULL,
  business_key  TEXT   NOT NULL,
  state         TEXT   NOT NULL,
  revision      BIGINT NOT NULL,
  next_number   BIGINT NOT NULL,
  variables     TEXT   NOT NULL,
  started_at    BIGINT NOT NULL,
  ended_at      BIGINT
);

CREATE INDEX process_instance_business_key ON process_instance (business_key);

-- flow is empty where the token stands at a task.
CREATE TABLE process_token (
  instance_id TEXT   NOT NULL REFERENCES process_instance (instance_id),
  number      BIGINT NOT NULL,
  node        TEXT   NOT NULL,
  flow        TEXT   NOT NULL,
  PRIMARY KEY (instance_id, number)
);

-- state: open, completed, withdrawn.
CREATE TABLE process_task (
  task_id     TEXT   NOT NULL PRIMARY KEY,
  instance_id TEXT   NOT NULL REFERENCES process_instance (instance_id),
  token       BIGINT NOT NULL,
  node        TEXT   NOT NULL,
  name        TEXT   NOT NULL,
  kind        TEXT   NOT NULL,
  role        TEXT   NOT NULL,
  form_key    TEXT   NOT NULL,
  operation   TEXT   NOT NULL,
  created_at  BIGINT NOT NULL,
  state       TEXT   NOT NULL,
  closed_at   BIGINT
);

CREATE INDEX process_task_open ON process_task (role, created_at) WHERE state = 'open';
CREATE INDEX process_task_instance ON process_task (instance_id);

CREATE TABLE process_step (
  instance_id TEXT   NOT NULL REFERENCES process_instance (instance_id),
  number      BIGINT NOT NULL,
  at          BIGINT NOT NULL,
  node        TEXT   NOT NULL,
  what        TEXT   NOT NULL,
  PRIMARY KEY (instance_id, number)
);
