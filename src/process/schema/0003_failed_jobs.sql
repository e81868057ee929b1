-- Jobs of the outbox that failed until a person must look, found without reading the open tasks.
CREATE INDEX process_task_failed ON process_task (locked_until) WHERE state = 'open' AND attempts >= 10;
