/**
 * The safetensors format: 8 bytes with the header's length (little-endian), a JSON header with each tensor's type,
 * shape and place, then the values back to back. Float32 only.
 *
 * @see https://huggingface.co/docs/safetensors
 */
import { z } from 'zod';
import { CountersignError } from '../core/errors.js';
import { elementCount } from './graph.js';
import type { Weights, WeightTensor } from './weights.js';

const entrySchema = z.object({
  dtype: z.literal('F32'),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
const headerSchema = z.object({ __metadata__: z.record(z.string(), z.string()).optional() }).catchall(entrySchema);

export interface SafetensorsFile {
  readonly tensors: Map<string, WeightTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

export function encodeSafetensors(tensors: Weights, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + padded + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.fill(0x20, 8, 8 + padded).set(json, 8);
  let position = 8 + padded;
  for (const { data } of tensors.values()) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return file;
}

/** @throws CountersignError WEIGHTS_INVALID when the file is cut, padded or not safetensors */
export function decodeSafetensors(file: Uint8Array): SafetensorsFile {
  const invalid = (reason: string) =>
    new CountersignError('WEIGHTS_INVALID', `Not a whole safetensors file: ${reason}.`);
  if (file.length < 8) throw invalid(`${file.length} bytes`);
  const headerLength = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  if (headerLength > file.length - 8) throw invalid('the header is cut off');
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerLength)));
  } catch {
    throw invalid('the header is not JSON');
  }
  const parsed = headerSchema.safeParse(json);
  if (!parsed.success) throw invalid('the header does not describe float32 tensors');
  const { __metadata__: metadata = {}, ...entries } = parsed.data;

  const start = 8 + headerLength;
  const tensors = new Map<string, WeightTensor>();
  let end = start;
  for (const [name, entry] of Object.entries(entries) as [string, z.infer<typeof entrySchema>][]) {
    const [from, to] = entry.data_offsets;
    if (to - from !== elementCount(entry.shape) * 4)
      throw invalid(`${name} has ${to - from} bytes for [${entry.shape}]`);
    if (start + to > file.length) throw invalid(`${name} is cut off`);
    tensors.set(name, {
      shape: entry.shape,
      data: new Float32Array(new Uint8Array(file.subarray(start + from, start + to)).buffer),
    });
    end = Math.max(end, start + to);
  }
  if (end !== file.length) throw invalid(`${file.length - end} bytes too many`);
  return { tensors, metadata };
}
