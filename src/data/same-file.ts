import { stat } from 'node:fs/promises';
import { CountersignError } from '../core/errors.js';

/** What a command makes of a model must not replace it: its weights or its calibration are nowhere else. */
export async function refuseSameFile(model: string, out: string): Promise<void> {
  const [source, target] = await Promise.all([stat(model), stat(out).catch(() => undefined)]);
  if (target === undefined || source.ino !== target.ino || source.dev !== target.dev) return;
  throw new CountersignError('INVALID_ARGUMENT', `Expected another file for --out; ${out} is the model itself.`);
}
