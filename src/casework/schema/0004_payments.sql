-- Why a refund was ordered, and until when a fee is paid: an unpaid case ends then by the effect that the service names.
ALTER TABLE casework_payment ADD COLUMN why TEXT NOT NULL DEFAULT '';
ALTER TABLE casework_payment ADD COLUMN pay_by BIGINT;
CREATE INDEX casework_payment_pay_by ON casework_payment (pay_by);
