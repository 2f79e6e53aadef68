/** Enrolled writers and their references. */
import type { BodyOf } from '../../api/schemas.js';
import { addToWriter, enrolWriter } from '../../enrol/enrol-writer.js';
import type { ReferenceSource } from '../../enrol/prepare-references.js';
import { writerConsistency } from '../../enrol/writer-consistency.js';
import { changeExpiry, confirmReference, retireReference } from '../../store/change-writer.js';
import type { EnrolmentOutcome } from '../../store/enrol.js';
import { type ErasureReport, eraseWriters } from '../../store/erase.js';
import { type ExportedDocument, exportWriterDocument } from '../../store/export-writer.js';
import { writerIdOf } from '../../store/find-writer.js';
import { listDecisions } from '../../store/list-decisions.js';
import { listWriters, showWriter } from '../../store/list-writers.js';
import { readReferenceImage } from '../../store/read-image.js';
import type { ServiceContext } from '../context.js';
import type { AddOperation } from '../operation.js';
import { SharedRuns } from '../shared-runs.js';

export function writerRoutes(add: AddOperation, { store, inference }: ServiceContext): void {
  const { embedder, limits } = inference;
  const { orm } = store.database;
  const erasing = new SharedRuns<ErasureReport>();
  const exporting = new SharedRuns<ExportedDocument>();

  add('listWriters', ({ query, by }) => listWriters(orm, { at: by.at, ...query }));

  add('enrolWriter', ({ body: { writer, name, expiresAt, references }, by, once }) => {
    const newWriter = { externalRef: writer, name: name ?? null, expiresAt: expiresAt ?? null };
    const alongside = once(writerOf);
    return enrolWriter(store, embedder, newWriter, sourcesOf(references), by, { alongside, limits });
  });

  add('getWriter', ({ params, by }) => showWriter(orm, params.writer, by.at));

  add('changeWriter', ({ params, body, by }) => changeExpiry(store, params.writer, body.expiresAt, by));

  add('eraseWriter', async ({ params: { writer }, query: { compact }, by, caller }) => {
    const subject = JSON.stringify([caller!.keyId, writer, compact]);
    // The rows are gone long before the run ends; by then the number may be that of another, who is to be erased as well.
    return erasing.join(subject, await writerIdOf(orm, writer), async () => {
      try {
        return await eraseWriters(store, [writer], by, { compact });
      } finally {
        inference.forget(); // also where something of the writer was found afterwards
      }
    });
  });

  add('exportWriter', async ({ params: { writer }, by, caller }) => {
    const subject = JSON.stringify([caller!.keyId, writer]);
    return exporting.join(subject, await writerIdOf(orm, writer), () => exportWriterDocument(store, writer, by));
  });

  add('addReferences', ({ params, body: { references }, by, once }) => {
    const alongside = once(writerOf);
    return addToWriter(store, embedder, params.writer, sourcesOf(references), by, { alongside, limits });
  });

  add('referenceImage', async ({ params: { writer, reference }, by }) => {
    const { bytes, mediaType } = await readReferenceImage(store, writer, reference, by);
    return { contentType: mediaType, content: bytes };
  });

  add('confirmReference', ({ params: { writer, reference }, by }) => confirmReference(store, writer, reference, by));

  add('retireReference', ({ params: { writer, reference }, by }) => retireReference(store, writer, reference, by));

  add('writerConsistency', ({ params, by }) => writerConsistency(store, embedder.metadata, params.writer, by.at));

  add('writerDecisions', ({ params, query, by }) => listDecisions(orm, params.writer, by.at, query));
}

const writerOf = ({ writerId }: EnrolmentOutcome) => [writerId];

const sourcesOf = (references: BodyOf<'addReferences'>['references']): ReferenceSource[] =>
  references.map(({ image, capturedAt }) => ({ image, capturedAt: capturedAt ?? null }));
