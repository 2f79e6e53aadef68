/** How an embedding lies in the database: float32, little-endian; sealed where that was asked for. */
import type { KeyRing } from './encryption.js';
import type { embeddings } from './schema.js';
import { embeddingRow } from './sealed-columns.js';

type Embedding = typeof embeddings.$inferSelect;

/** @param embedding - [D] */
export function storedEmbedding(
  keys: KeyRing,
  { referenceId, modelId, embedding, sealed }: EmbeddingOf & { readonly sealed: boolean },
): Pick<Embedding, 'referenceId' | 'modelId' | 'vector' | 'sealed'> {
  const bytes = new Uint8Array(embedding.buffer, embedding.byteOffset, embedding.byteLength);
  const vector = sealed ? keys.seal(bytes, embeddingRow(referenceId, modelId)) : bytes;
  return { referenceId, modelId, vector, sealed };
}

interface EmbeddingOf {
  readonly referenceId: string;
  readonly modelId: string;
  readonly embedding: Float32Array;
}

/** @returns [D] as bytes. @throws CountersignError KEY_MISSING, DECRYPTION_FAILED */
export function openEmbedding(
  keys: KeyRing,
  { referenceId, modelId, vector, sealed }: Pick<Embedding, 'referenceId' | 'modelId' | 'vector' | 'sealed'>,
): Uint8Array {
  return sealed ? keys.open(vector, embeddingRow(referenceId, modelId)) : vector;
}

/** @returns [D]; a copy, since the bytes of a driver need not begin where a float may */
export function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
