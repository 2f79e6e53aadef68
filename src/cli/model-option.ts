import { Option } from 'commander';
import { modelFileOf, PACKAGE_MODELS } from '../verify/package-models.js';

/** A flag that names a model: a file, or one that the package carries; without it the one called `standard`. */
export function modelOption(
  flags: string,
  description: string,
  standard: keyof typeof PACKAGE_MODELS = 'default',
): Option {
  const names = Object.keys(PACKAGE_MODELS).join(', ');
  return new Option(flags, `${description}: a file, or ${names} of the package`)
    .argParser(modelFileOf)
    .default(PACKAGE_MODELS[standard], standard);
}
