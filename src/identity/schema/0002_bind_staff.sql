-- The person who works with an account of staff: each person has at most one such account, beside the one as a citizen.
ALTER TABLE identity_account ADD COLUMN staff_person_id TEXT;
CREATE UNIQUE INDEX identity_account_staff_person ON identity_account (staff_person_id);

-- Whom an invitation is for.
ALTER TABLE identity_link ADD COLUMN person_id TEXT;
