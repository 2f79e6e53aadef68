-- Settings, why a reference is doubtful, when a writer grows stale, what an import has to know of a file, and what a job
-- could not do.

CREATE TABLE settings (
  name text PRIMARY KEY,
  document jsonb NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  updated_by text NOT NULL
);

ALTER TABLE writers ADD COLUMN stale_from timestamptz(3);

ALTER TABLE reference_signatures
  ADD COLUMN pixel_hash text CHECK (pixel_hash ~ '^[0-9a-f]{64}$'),
  ADD COLUMN doubt jsonb,
  ADD COLUMN confirmed_at timestamptz(3),
  ADD COLUMN confirmed_by text,
  ADD CHECK ((confirmed_at IS NULL) = (confirmed_by IS NULL));
CREATE UNIQUE INDEX reference_signatures_no_same_pixels ON reference_signatures (writer_id, pixel_hash)
  WHERE state <> 'retired';

ALTER TABLE import_items
  ADD COLUMN name text,
  ADD COLUMN captured_at timestamptz(3),
  ADD COLUMN expires_at timestamptz(3);
CREATE INDEX import_items_waiting ON import_items (import_id, external_ref) WHERE state = 'waiting';

CREATE UNIQUE INDEX jobs_one_of_the_store ON jobs (kind) WHERE writer_id IS NULL AND state IN ('queued', 'running');

CREATE TABLE job_refusals (
  job_id uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
  reference_id uuid NOT NULL REFERENCES reference_signatures ON DELETE CASCADE,
  code text NOT NULL,
  reason text NOT NULL,
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (job_id, reference_id)
);
CREATE INDEX job_refusals_of_reference ON job_refusals (reference_id);
