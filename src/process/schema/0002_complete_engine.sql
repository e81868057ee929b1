-- The complete engine: an instance is one row with everything that stands in it; what it waits for and what it sends has
-- rows of its own, so that what is due or meant is found without reading instances.

-- standing: tokens, sub-processes and awaited events as JSON by the ids of nodes; empty: still in process_token.
-- problem: why it can't go on, for a person. parent: the instance that called it, at its token parent_token.
ALTER TABLE process_instance ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE process_instance ADD COLUMN standing TEXT NOT NULL DEFAULT '';
ALTER TABLE process_instance ADD COLUMN problem TEXT NOT NULL DEFAULT '';
ALTER TABLE process_instance ADD COLUMN parent TEXT NOT NULL DEFAULT '';
ALTER TABLE process_instance ADD COLUMN parent_token BIGINT NOT NULL DEFAULT 0;

CREATE INDEX process_instance_problem ON process_instance (started_at) WHERE problem <> '';
CREATE INDEX process_instance_ended ON process_instance (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX process_instance_definition ON process_instance (definition_id, version) WHERE state = 'running';

-- Each version of a process as its file; a running instance stays on its own.
CREATE TABLE process_definition (
  definition_id TEXT   NOT NULL,
  version       BIGINT NOT NULL,
  name          TEXT   NOT NULL,
  source        TEXT   NOT NULL,
  deployed_at   BIGINT NOT NULL,
  PRIMARY KEY (definition_id, version)
);

-- What starts the newest version of a process: kind is message, signal or conditional.
CREATE TABLE process_start (
  kind          TEXT   NOT NULL,
  name          TEXT   NOT NULL,
  definition_id TEXT   NOT NULL,
  version       BIGINT NOT NULL,
  node          TEXT   NOT NULL,
  PRIMARY KEY (definition_id, node, kind, name)
);

CREATE INDEX process_start_name ON process_start (kind, name);

-- Messages and signals that running instances wait for, by the number of the subscription in the instance.
CREATE TABLE process_wait (
  instance_id     TEXT   NOT NULL,
  number          BIGINT NOT NULL,
  kind            TEXT   NOT NULL,
  name            TEXT   NOT NULL,
  correlation_key TEXT   NOT NULL,
  created_at      BIGINT NOT NULL,
  PRIMARY KEY (instance_id, number)
);

CREATE INDEX process_wait_name ON process_wait (kind, name, correlation_key, created_at);

-- What is to be done: timers of instances, and what instances send each other. kind: timer, message, signal, call, cancel,
-- answer, escalation, deliver, start. state: ready, unclaimed (a message that nobody waits for yet), incident (a person must look).
-- instance_id and number: of the timer's subscription; else of the sender, who numbers what it sends.
CREATE TABLE process_work (
  instance_id TEXT   NOT NULL,
  number      BIGINT NOT NULL,
  kind        TEXT   NOT NULL,
  name        TEXT   NOT NULL,
  work_key    TEXT   NOT NULL,
  payload     TEXT   NOT NULL,
  due_at      BIGINT NOT NULL,
  attempts    BIGINT NOT NULL,
  state       TEXT   NOT NULL,
  problem     TEXT   NOT NULL,
  PRIMARY KEY (instance_id, number)
);

CREATE INDEX process_work_due ON process_work (due_at) WHERE state = 'ready';
CREATE INDEX process_work_unclaimed ON process_work (name, work_key) WHERE state = 'unclaimed';
CREATE INDEX process_work_incident ON process_work (due_at) WHERE state = 'incident';

-- What happened in one command, oldest first: [["node", "what"], …]. number is that of the first step.
CREATE TABLE process_record (
  instance_id TEXT   NOT NULL,
  number      BIGINT NOT NULL,
  at          BIGINT NOT NULL,
  steps       TEXT   NOT NULL,
  PRIMARY KEY (instance_id, number)
);

-- Who has taken a task; of a job of the outbox also until when, how often it failed and why.
ALTER TABLE process_task ADD COLUMN assignee TEXT NOT NULL DEFAULT '';
ALTER TABLE process_task ADD COLUMN locked_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE process_task ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE process_task ADD COLUMN problem TEXT NOT NULL DEFAULT '';

CREATE INDEX process_task_job ON process_task (operation, locked_until) WHERE state = 'open' AND kind = 'serviceTask';
