-- What a document comes to once people have decided on its signatures, apart from what the network said of it.

ALTER TABLE mandate_decisions
  ADD COLUMN signatures integer CHECK (signatures > 0),
  ADD COLUMN reviewed_result text CHECK (reviewed_result IN ('accept', 'reject', 'inconclusive')),
  ADD COLUMN reviewed_reasons jsonb,
  ADD COLUMN reviewed_at timestamptz(3),
  ADD CHECK (num_nulls(reviewed_result, reviewed_reasons, reviewed_at) IN (0, 3));
UPDATE mandate_decisions AS document
  SET signatures = greatest(1, (SELECT count(*) FROM decisions WHERE mandate_decision_id = document.id));
ALTER TABLE mandate_decisions ALTER COLUMN signatures SET NOT NULL;
