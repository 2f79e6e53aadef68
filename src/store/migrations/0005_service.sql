-- Keys of the service, and answers that are given again to a request that comes again.

CREATE TABLE api_keys (
  id text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{16}$'),
  name text,
  roles jsonb NOT NULL CHECK (jsonb_typeof(roles) = 'array'),
  secret_hash text NOT NULL CHECK (secret_hash ~ '^[0-9a-f]{64}$'),
  previous_hash text CHECK (previous_hash ~ '^[0-9a-f]{64}$'),
  previous_until timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  created_by text NOT NULL,
  expires_at timestamptz(3),
  last_used_at timestamptz(3),
  revoked_at timestamptz(3),
  CHECK ((previous_hash IS NULL) = (previous_until IS NULL))
);
-- The name is who acts, in the audit log: no two that hold have the same.
CREATE UNIQUE INDEX api_keys_names ON api_keys (name) WHERE revoked_at IS NULL;

CREATE TABLE idempotent_answers (
  id uuid PRIMARY KEY,
  -- No reference: a key that lives in memory alone has no row.
  api_key_id text NOT NULL,
  operation text NOT NULL,
  key_hash text NOT NULL CHECK (key_hash ~ '^[0-9a-f]{64}$'),
  request_hash text NOT NULL CHECK (request_hash ~ '^[0-9a-f]{64}$'),
  answer bytea NOT NULL,
  created_at timestamptz(3) NOT NULL,
  UNIQUE (api_key_id, operation, key_hash)
);
CREATE INDEX idempotent_answers_by_age ON idempotent_answers (created_at);

-- Whom an answer speaks of: it goes with the writer.
CREATE TABLE idempotent_answer_writers (
  answer_id uuid NOT NULL REFERENCES idempotent_answers ON DELETE CASCADE,
  writer_id uuid NOT NULL REFERENCES writers ON DELETE CASCADE,
  PRIMARY KEY (answer_id, writer_id)
);
CREATE INDEX idempotent_answers_of_writer ON idempotent_answer_writers (writer_id);
