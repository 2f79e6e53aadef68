-- Policies stay as they were stored, and signatures on one document are decided together.

CREATE FUNCTION refuse_policy_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of policies is refused: a stored version stays as it is', TG_OP
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER policies_stay BEFORE DELETE ON policies FOR EACH ROW EXECUTE FUNCTION refuse_policy_change();
CREATE TRIGGER policies_unchanged BEFORE UPDATE ON policies FOR EACH ROW
  WHEN ((NEW.name, NEW.version, NEW.document, NEW.created_at, NEW.created_by)
    IS DISTINCT FROM (OLD.name, OLD.version, OLD.document, OLD.created_at, OLD.created_by))
  EXECUTE FUNCTION refuse_policy_change();

-- Policies outlive the people they name: a mandate has a signer's id, which leads nowhere once the writer is erased.
CREATE TABLE signers (
  id uuid PRIMARY KEY,
  writer_id uuid NOT NULL UNIQUE REFERENCES writers ON DELETE CASCADE
);

CREATE TABLE mandate_decisions (
  id uuid PRIMARY KEY,
  policy_name text NOT NULL,
  policy_version integer NOT NULL,
  result text NOT NULL CHECK (result IN ('accept', 'review', 'reject', 'inconclusive')),
  reasons jsonb NOT NULL,
  amount numeric(18, 2) CHECK (amount >= 0),
  currency text CHECK (currency ~ '^[A-Z]{3}$'),
  actor text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  CHECK ((amount IS NULL) = (currency IS NULL)),
  FOREIGN KEY (policy_name, policy_version) REFERENCES policies
);

ALTER TABLE decisions ADD COLUMN mandate_decision_id uuid REFERENCES mandate_decisions;
CREATE INDEX decisions_of_mandate ON decisions (mandate_decision_id) WHERE mandate_decision_id IS NOT NULL;

-- Sealed ones are in no index of vectors and are looked through one by one.
CREATE INDEX embeddings_sealed ON embeddings (model_id, reference_id) WHERE sealed;
