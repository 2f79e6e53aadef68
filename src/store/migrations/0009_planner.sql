-- The planner remembers values of columns, in a catalogue that nothing erases from. It needs none of a person: neither
-- names and numbers, nor what people wrote, nor images, embeddings and hashes.

ALTER TABLE writers
  ALTER COLUMN external_ref SET STATISTICS 0,
  ALTER COLUMN name SET STATISTICS 0;
ALTER INDEX writers_by_beginning_of_number ALTER COLUMN 1 SET STATISTICS 0;
ALTER INDEX writers_by_beginning_of_name ALTER COLUMN 1 SET STATISTICS 0;
ALTER TABLE reference_signatures
  ALTER COLUMN image_hash SET STATISTICS 0,
  ALTER COLUMN pixel_hash SET STATISTICS 0,
  ALTER COLUMN image SET STATISTICS 0,
  ALTER COLUMN quality SET STATISTICS 0,
  ALTER COLUMN doubt SET STATISTICS 0;
ALTER TABLE embeddings ALTER COLUMN vector SET STATISTICS 0;
ALTER TABLE decisions
  ALTER COLUMN questioned_image_hash SET STATISTICS 0,
  ALTER COLUMN evidence SET STATISTICS 0;
ALTER TABLE cases ALTER COLUMN questioned_image SET STATISTICS 0;
ALTER TABLE case_verdicts ALTER COLUMN reason SET STATISTICS 0;
ALTER TABLE import_items
  ALTER COLUMN source SET STATISTICS 0,
  ALTER COLUMN external_ref SET STATISTICS 0,
  ALTER COLUMN name SET STATISTICS 0,
  ALTER COLUMN reason SET STATISTICS 0;
ALTER TABLE bulk_items
  ALTER COLUMN external_ref SET STATISTICS 0,
  ALTER COLUMN label SET STATISTICS 0,
  ALTER COLUMN name SET STATISTICS 0,
  ALTER COLUMN reason SET STATISTICS 0,
  ALTER COLUMN image SET STATISTICS 0;
ALTER TABLE idempotent_answers ALTER COLUMN answer SET STATISTICS 0;
