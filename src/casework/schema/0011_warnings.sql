-- When half and four fifths of a term are used up, as long as its clock runs; empty for a clock that has not moved since.
ALTER TABLE casework_clock ADD COLUMN half_at BIGINT;
ALTER TABLE casework_clock ADD COLUMN most_at BIGINT;
