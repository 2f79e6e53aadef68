-- Bulk work: jobs, and the items that workers take from them. The queue itself lies in a schema of its own and knows
-- ids of jobs and places of items, nothing else.

CREATE TABLE bulk_jobs (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('verify', 'enrol', 'reembed', 'evaluate')),
  state text NOT NULL CHECK (state IN ('collecting', 'queued', 'running', 'done', 'failed', 'cancelled')),
  title text,
  actor text NOT NULL,
  parameters jsonb NOT NULL,
  done integer NOT NULL DEFAULT 0,
  total integer NOT NULL DEFAULT 0,
  summary jsonb,
  code text,
  reason text,
  report text,
  report_page text,
  created_at timestamptz(3) NOT NULL,
  started_at timestamptz(3),
  finished_at timestamptz(3),
  CHECK ((state IN ('done', 'failed', 'cancelled')) = (finished_at IS NOT NULL))
);
CREATE INDEX bulk_jobs_by_time ON bulk_jobs (created_at, id);
CREATE INDEX bulk_jobs_open ON bulk_jobs (id) WHERE state IN ('queued', 'running');

CREATE TABLE bulk_items (
  job_id uuid NOT NULL REFERENCES bulk_jobs ON DELETE CASCADE,
  position integer NOT NULL CHECK (position > 0),
  external_ref text NOT NULL,
  label text,
  image bytea,
  policy text,
  amount numeric(18, 2) CHECK (amount >= 0),
  currency text CHECK (currency ~ '^[A-Z]{3}$'),
  name text,
  captured_at timestamptz(3),
  expires_at timestamptz(3),
  state text NOT NULL CHECK (state IN ('waiting', 'settled', 'refused', 'failed', 'cancelled')),
  attempts integer NOT NULL DEFAULT 0,
  result text,
  decision_id uuid REFERENCES decisions ON DELETE CASCADE,
  reference_id uuid REFERENCES reference_signatures ON DELETE CASCADE,
  code text,
  reason text,
  updated_at timestamptz(3) NOT NULL,
  PRIMARY KEY (job_id, position),
  CHECK ((amount IS NULL) = (currency IS NULL)),
  -- The image is there as long as it may be needed, and no longer.
  CHECK ((state IN ('waiting', 'failed')) = (image IS NOT NULL)),
  CHECK ((state = 'settled') = (num_nonnulls(decision_id, reference_id) = 1)),
  CHECK ((state = 'settled') = (result IS NOT NULL)),
  CHECK (state NOT IN ('refused', 'failed') OR code IS NOT NULL)
);
-- Sealed bytes do not compress.
ALTER TABLE bulk_items ALTER COLUMN image SET STORAGE EXTERNAL;
-- One decision an item, and one item a decision.
CREATE UNIQUE INDEX bulk_items_of_decision ON bulk_items (decision_id) WHERE decision_id IS NOT NULL;
CREATE UNIQUE INDEX bulk_items_of_reference ON bulk_items (reference_id) WHERE reference_id IS NOT NULL;
CREATE INDEX bulk_items_of_external_ref ON bulk_items (external_ref, job_id, position);
CREATE INDEX bulk_items_progress ON bulk_items (job_id, state, result, updated_at);
