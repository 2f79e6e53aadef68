import { CountersignError } from '../core/errors.js';
import type { QuestionedSignature } from '../decide/question.js';

/** `4711=cheque.png`, repeated. */
export function parseSigner(text: string, before: readonly QuestionedSignature[] = []): QuestionedSignature[] {
  const cut = text.indexOf('=');
  if (cut > 0 && cut < text.length - 1) return [...before, { writer: text.slice(0, cut), image: text.slice(cut + 1) }];
  throw new CountersignError('INVALID_ARGUMENT', `--signer: expected <writer>=<image>; "${text}" came.`);
}
