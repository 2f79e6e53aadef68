-- Writers, their references and embeddings, decisions, and the audit log.

CREATE TABLE models (
  id text PRIMARY KEY,
  dimension integer NOT NULL CHECK (dimension > 0),
  active boolean NOT NULL DEFAULT false,
  created_at timestamptz(3) NOT NULL
);
CREATE UNIQUE INDEX models_one_active ON models (active) WHERE active;

CREATE TABLE writers (
  id uuid PRIMARY KEY,
  external_ref text NOT NULL UNIQUE,
  name text,
  state text NOT NULL CHECK (state IN ('enrolling', 'ready', 'stale')),
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3)
);

CREATE TABLE reference_signatures (
  id uuid PRIMARY KEY,
  writer_id uuid NOT NULL REFERENCES writers ON DELETE CASCADE,
  image_hash text NOT NULL CHECK (image_hash ~ '^[0-9a-f]{64}$'),
  image bytea NOT NULL,
  quality jsonb,
  state text NOT NULL CHECK (state IN ('enrolled', 'doubtful', 'retired')),
  captured_at timestamptz(3),
  enrolled_at timestamptz(3) NOT NULL,
  retired_at timestamptz(3),
  CHECK ((state = 'retired') = (retired_at IS NOT NULL))
);
CREATE UNIQUE INDEX reference_signatures_no_duplicate ON reference_signatures (writer_id, image_hash)
  WHERE state <> 'retired';
CREATE INDEX reference_signatures_of_writer ON reference_signatures (writer_id);

CREATE TABLE embeddings (
  reference_id uuid NOT NULL REFERENCES reference_signatures ON DELETE CASCADE,
  model_id text NOT NULL REFERENCES models,
  vector bytea NOT NULL,
  sealed boolean NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (reference_id, model_id)
);
CREATE INDEX embeddings_of_model ON embeddings (model_id);

CREATE TABLE decisions (
  id uuid PRIMARY KEY,
  writer_id uuid NOT NULL REFERENCES writers ON DELETE CASCADE,
  questioned_image_hash text NOT NULL CHECK (questioned_image_hash ~ '^[0-9a-f]{64}$'),
  model_id text NOT NULL REFERENCES models,
  thresholds jsonb NOT NULL,
  distance double precision,
  log_likelihood_ratio double precision,
  result text NOT NULL CHECK (result IN ('accept', 'review', 'reject', 'inconclusive')),
  reasons jsonb NOT NULL,
  evidence jsonb NOT NULL,
  amount numeric(18, 2) CHECK (amount >= 0),
  currency text CHECK (currency ~ '^[A-Z]{3}$'),
  actor text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  CHECK ((amount IS NULL) = (currency IS NULL))
);
CREATE INDEX decisions_of_writer ON decisions (writer_id, created_at);

-- The chain outlives what it tells of, so it refers to nothing: ids in it are pseudonyms once their rows are erased.
CREATE TABLE audit_log (
  seq bigint PRIMARY KEY CHECK (seq > 0),
  at timestamptz(3) NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  subject_ids jsonb NOT NULL,
  image_hashes jsonb NOT NULL,
  model_id text,
  policy text,
  threshold double precision,
  result text,
  details text NOT NULL,
  previous_hash text NOT NULL,
  hash text NOT NULL
);

CREATE INDEX audit_log_of_subject ON audit_log USING gin (subject_ids);

-- The last row of the chain, sealed with the store's key: a chain cut short no longer ends here.
CREATE TABLE audit_head (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  store_id uuid NOT NULL,
  seq bigint NOT NULL CHECK (seq >= 0),
  hash text NOT NULL,
  key_id text NOT NULL,
  seal text NOT NULL
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: the audit log is append-only', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_log_not_truncated BEFORE TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_head_moves_forward BEFORE UPDATE ON audit_head
  FOR EACH ROW WHEN (NEW.seq < OLD.seq OR NEW.store_id <> OLD.store_id) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head
  FOR EACH ROW WHEN (OLD.seq > 0) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_head_not_truncated BEFORE TRUNCATE ON audit_head
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
