-- process_work has one more state, "came" (its kind as well): a trigger of a parallel multiple start event that waits for the
-- others, found by the process (name) and the event (work_key).
CREATE INDEX process_work_came ON process_work (name, work_key) WHERE state = 'came';
