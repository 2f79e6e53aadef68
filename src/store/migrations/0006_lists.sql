-- What lists are ordered and sought by, and what statistics count.

CREATE INDEX writers_by_state ON writers (state, external_ref);
CREATE INDEX writers_that_age ON writers (stale_from) WHERE state = 'ready';
CREATE INDEX writers_by_beginning_of_number ON writers (lower(external_ref) text_pattern_ops);
CREATE INDEX writers_by_beginning_of_name ON writers (lower(name) text_pattern_ops);
CREATE INDEX reference_signatures_doubtful ON reference_signatures (writer_id) WHERE state = 'doubtful';

CREATE INDEX decisions_by_time ON decisions (created_at, result);
CREATE INDEX cases_by_time ON cases (created_at, id);
CREATE INDEX cases_by_end ON cases (decided_at) WHERE decided_at IS NOT NULL;

CREATE INDEX audit_log_of_action ON audit_log (action, seq);
