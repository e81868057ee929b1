-- How far the numbers of a body have come in a year. Numbers have no gaps: each one waits for its case,
-- is issued, or is void with a reason.
CREATE TABLE documents_counter (
  body TEXT NOT NULL,
  year BIGINT NOT NULL,
  last_number BIGINT NOT NULL,
  PRIMARY KEY (body, year)
);

CREATE TABLE documents_number (
  body TEXT NOT NULL,
  year BIGINT NOT NULL,
  number BIGINT NOT NULL,
  case_id TEXT NOT NULL,
  code TEXT NOT NULL,
  issued_on TEXT NOT NULL,
  state TEXT NOT NULL,
  void_reason TEXT,
  PRIMARY KEY (body, year, number)
);

CREATE UNIQUE INDEX documents_number_by_case ON documents_number (case_id);
CREATE UNIQUE INDEX documents_number_by_code ON documents_number (code);

-- The document and the values on it are sealed under the holder's key; the rest is public.
CREATE TABLE documents_certificate (
  body TEXT NOT NULL,
  code TEXT NOT NULL,
  case_id TEXT NOT NULL,
  number TEXT NOT NULL,
  service TEXT NOT NULL,
  holder_id TEXT NOT NULL,
  title TEXT NOT NULL,
  issuing_body TEXT NOT NULL,
  issued_on TEXT NOT NULL,
  valid_until TEXT,
  pdf_sha256 BYTEA NOT NULL,
  sealed_pdf BYTEA NOT NULL,
  sealed_values BYTEA NOT NULL,
  signature BYTEA NOT NULL,
  act_id TEXT NOT NULL,
  revoked_on TEXT,
  revocation_ground TEXT,
  PRIMARY KEY (body, code)
);

CREATE UNIQUE INDEX documents_certificate_by_code ON documents_certificate (code);
CREATE UNIQUE INDEX documents_certificate_by_case ON documents_certificate (case_id);
CREATE INDEX documents_certificate_by_hash ON documents_certificate (pdf_sha256);
CREATE INDEX documents_certificate_revoked ON documents_certificate (revoked_on);
