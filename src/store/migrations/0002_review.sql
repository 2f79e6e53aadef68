-- Policies, the review queue, work in the background and imports.

CREATE TABLE policies (
  name text NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  document jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL,
  created_by text NOT NULL,
  active_from timestamptz(3),
  active_to timestamptz(3),
  PRIMARY KEY (name, version),
  CHECK (active_to > active_from)
);

ALTER TABLE decisions
  ADD COLUMN policy_name text,
  ADD COLUMN policy_version integer,
  ADD CHECK ((policy_name IS NULL) = (policy_version IS NULL)),
  ADD FOREIGN KEY (policy_name, policy_version) REFERENCES policies;

CREATE TABLE cases (
  id uuid PRIMARY KEY,
  decision_id uuid NOT NULL UNIQUE REFERENCES decisions ON DELETE CASCADE,
  state text NOT NULL CHECK (state IN ('open', 'claimed', 'decided', 'released')),
  claimed_by text,
  claim_expires_at timestamptz(3),
  two_person boolean NOT NULL DEFAULT false,
  questioned_image bytea,
  created_at timestamptz(3) NOT NULL,
  decided_at timestamptz(3),
  CHECK ((state = 'claimed') = (claimed_by IS NOT NULL)),
  CHECK ((claimed_by IS NULL) = (claim_expires_at IS NULL)),
  CHECK ((state = 'decided') = (decided_at IS NOT NULL))
);
CREATE INDEX cases_waiting ON cases (created_at) WHERE state <> 'decided';

CREATE TABLE case_verdicts (
  case_id uuid NOT NULL REFERENCES cases ON DELETE CASCADE,
  actor text NOT NULL,
  verdict text NOT NULL CHECK (verdict IN ('genuine', 'forged', 'inconclusive')),
  reason text NOT NULL,
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (case_id, actor)
);

CREATE TABLE jobs (
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  state text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
  model_id text REFERENCES models,
  writer_id uuid REFERENCES writers ON DELETE CASCADE,
  position text,
  done integer NOT NULL DEFAULT 0,
  total integer,
  problem text,
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL
);
CREATE INDEX jobs_of_writer ON jobs (writer_id);

CREATE TABLE imports (
  id uuid PRIMARY KEY,
  source text NOT NULL,
  actor text NOT NULL,
  started_at timestamptz(3) NOT NULL,
  finished_at timestamptz(3)
);

CREATE TABLE import_items (
  import_id uuid NOT NULL REFERENCES imports ON DELETE CASCADE,
  position integer NOT NULL CHECK (position > 0),
  source text NOT NULL,
  external_ref text NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'enrolled', 'refused')),
  writer_id uuid REFERENCES writers ON DELETE CASCADE,
  reference_id uuid REFERENCES reference_signatures ON DELETE CASCADE,
  code text,
  reason text,
  updated_at timestamptz(3) NOT NULL,
  PRIMARY KEY (import_id, position),
  CHECK ((state = 'refused') = (code IS NOT NULL))
);
CREATE INDEX import_items_of_writer ON import_items (writer_id);
CREATE INDEX import_items_of_reference ON import_items (reference_id);
CREATE INDEX import_items_of_external_ref ON import_items (external_ref);
