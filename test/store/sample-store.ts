/** A store with something in every table. */
import { randomBytes, randomUUID } from 'node:crypto';
import { sha256 } from '../../src/data/content-hash.js';
import { appendAudit } from '../../src/store/audit-log.js';
import {
  apiKeys,
  bulkItems,
  bulkJobs,
  cases,
  caseVerdicts,
  decisions,
  embeddings,
  idempotentAnswers,
  idempotentAnswerWriters,
  importItems,
  imports,
  jobs,
  models,
  policies,
  referenceSignatures,
  writers,
} from '../../src/store/schema.js';
import {
  bulkImageRow,
  embeddingRow,
  idempotentAnswerRow,
  questionedImageRow,
  referenceImageRow,
} from '../../src/store/sealed-columns.js';
import type { Store } from '../../src/store/store.js';

import { newReference } from './new-reference.js';

export const AT = new Date('2026-03-29T01:59:59.123Z');
export const DIMENSION = 4;

export interface Sample {
  readonly writerId: string;
  readonly referenceId: string;
  readonly image: Buffer;
  readonly embedding: Buffer;
}

/** Adds one writer, all the way to a verdict, in one transaction. */
export function addSample({ database, keys }: Store, { sealEmbedding = false } = {}): Promise<Sample> {
  const [writerId, referenceId, decisionId, caseId, importId] = Array.from({ length: 5 }, () => randomUUID()) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const image = randomBytes(300);
  const embedding = Buffer.from(new Float32Array([0.5, -0.5, 0.5, -0.5]).buffer);
  const imageHash = sha256(image);
  return database.transaction(async (tx) => {
    await tx
      .insert(models)
      .values({ id: 'model-1', dimension: DIMENSION, active: true, createdAt: AT })
      .onConflictDoNothing();
    await tx
      .insert(policies)
      .values({ name: 'cheques', version: 1, document: { bands: [] }, createdAt: AT, createdBy: 'ada', activeFrom: AT })
      .onConflictDoNothing();
    await tx.insert(writers).values({
      id: writerId,
      externalRef: `ref ${writerId}`,
      name: 'Zoë "Quote" O’Hara\n',
      state: 'ready',
      createdAt: AT,
    });
    await tx.insert(referenceSignatures).values({
      id: referenceId,
      writerId,
      imageHash,
      image: keys.seal(image, referenceImageRow(referenceId)),
      quality: newReference(0).quality,
      state: 'enrolled',
      enrolledAt: AT,
    });
    await tx.insert(embeddings).values({
      referenceId,
      modelId: 'model-1',
      vector: sealEmbedding ? keys.seal(embedding, embeddingRow(referenceId, 'model-1')) : embedding,
      sealed: sealEmbedding,
      createdAt: AT,
    });
    await tx.insert(decisions).values({
      id: decisionId,
      writerId,
      questionedImageHash: imageHash,
      modelId: 'model-1',
      thresholds: { acceptUpTo: 0.1 + 0.2, rejectAbove: 0.1 + 0.2 },
      distance: 1 / 3,
      logLikelihoodRatio: -1e-300,
      result: 'review',
      reasons: ['far from all references'],
      evidence: { distances: { [referenceId]: 1 / 3 } },
      amount: '9007199254740993.10',
      currency: 'EUR',
      actor: 'teller',
      createdAt: AT,
      policyName: 'cheques',
      policyVersion: 1,
    });
    await tx.insert(cases).values({
      id: caseId,
      decisionId,
      state: 'decided',
      twoPerson: true,
      questionedImage: keys.seal(image, questionedImageRow(caseId)),
      createdAt: AT,
      decidedAt: AT,
    });
    await tx.insert(caseVerdicts).values({ caseId, actor: 'ada', verdict: 'genuine', reason: 'same slant', at: AT });
    await tx
      .insert(jobs)
      .values({ id: randomUUID(), kind: 'reembed', state: 'queued', writerId, createdAt: AT, updatedAt: AT });
    await tx.insert(imports).values({ id: importId, source: 'folder', actor: 'ada', startedAt: AT });
    await tx.insert(importItems).values({
      importId,
      position: 1,
      source: 'a.png',
      externalRef: `ref ${writerId}`,
      state: 'enrolled',
      writerId,
      referenceId,
      updatedAt: AT,
    });
    const jobId = randomUUID();
    const item = { jobId, label: 'a.png', updatedAt: AT };
    await tx.insert(bulkJobs).values({
      ...{ id: jobId, kind: 'verify', state: 'running', title: 'cheques', actor: 'ada', parameters: {}, total: 2 },
      ...{ createdAt: AT, startedAt: AT },
    });
    await tx.insert(bulkItems).values([
      { ...item, position: 1, externalRef: `ref ${writerId}`, state: 'settled', result: 'review', decisionId },
      {
        ...{ ...item, position: 2, externalRef: 'not enrolled', state: 'waiting', amount: '0.10', currency: 'EUR' },
        image: keys.seal(image, bulkImageRow(jobId, 2)),
      },
    ]);
    await tx.insert(apiKeys).values({
      ...{
        id: randomBytes(8).toString('hex'),
        roles: ['verify'],
        secretHash: sha256(`secret ${writerId}`),
        createdAt: AT,
      },
      createdBy: 'ada',
    });
    const answerId = randomUUID();
    await tx.insert(idempotentAnswers).values({
      ...{ id: answerId, apiKeyId: '0123456789abcdef', operation: 'enrolWriter', createdAt: AT },
      ...{ keyHash: sha256(`key ${writerId}`), requestHash: sha256(`request ${writerId}`) },
      answer: keys.seal(Buffer.from(JSON.stringify({ writerId })), idempotentAnswerRow(answerId)),
    });
    await tx.insert(idempotentAnswerWriters).values({ answerId, writerId });
    await appendAudit(tx, keys, {
      at: AT,
      actor: 'teller',
      action: 'decision.made',
      subjectIds: [writerId, decisionId],
      imageHashes: [imageHash],
      modelId: 'model-1',
      policy: 'cheques 1',
      threshold: 0.1 + 0.2,
      result: 'review',
      details: { distance: 1 / 3, note: 'Ünïcode' },
    });
    return { writerId, referenceId, image, embedding };
  });
}
