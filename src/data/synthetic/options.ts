import { z } from 'zod';
import { CountersignError } from '../../core/errors.js';

/** What to synthesise; the only home of its defaults. */
export const synthesisOptionsSchema = z.strictObject({
  writers: z.number().int().min(1).max(9999).describe('How many writers to make'),
  genuine: z.number().int().min(1).max(999).default(24).describe('Genuine signatures a writer'),
  forged: z.number().int().min(0).max(999).default(24).describe('Skilled forgeries a writer'),
  seed: z.number().int().min(0).default(1).describe('The same seed gives the same files, byte for byte'),
});

export type SynthesisOptions = z.input<typeof synthesisOptionsSchema>;
export type ResolvedSynthesisOptions = z.output<typeof synthesisOptionsSchema>;

/** @throws INVALID_ARGUMENT naming each option that does not fit */
export function resolveSynthesisOptions(options: SynthesisOptions): ResolvedSynthesisOptions {
  const parsed = synthesisOptionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'options'}: ${issue.message}`);
  throw new CountersignError('INVALID_ARGUMENT', `Cannot synthesise signatures: ${issues.join('; ')}.`, {
    details: { issues },
    cause: parsed.error,
  });
}
