-- For which roles an open case waits. What a task is stands in the process; this is what an inbox is asked by.
CREATE TABLE casework_task (
  body    TEXT NOT NULL,
  case_id TEXT NOT NULL,
  task_id TEXT NOT NULL,
  role    TEXT NOT NULL,
  PRIMARY KEY (body, case_id, task_id)
);
CREATE INDEX casework_task_role ON casework_task (body, role);
-- Closed cases are found again by their day, newest first, and exported page by page.
CREATE INDEX casework_case_submitted ON casework_case (body, submitted_at, case_id);
