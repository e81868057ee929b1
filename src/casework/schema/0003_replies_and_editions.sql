-- Until when the applicant answers the letter that names what is missing; the row goes with the answer.
CREATE TABLE casework_reply (
  body     TEXT   NOT NULL,
  case_id  TEXT   NOT NULL,
  reply_by BIGINT NOT NULL,
  PRIMARY KEY (body, case_id)
);
CREATE INDEX casework_reply_by ON casework_reply (reply_by);

-- Editions of calendars by which every running term was counted again.
CREATE TABLE casework_edition (
  published TEXT PRIMARY KEY
);
