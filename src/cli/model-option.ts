import { Option } from 'commander';
import { modelFileOf, PACKAGE_MODELS } from '../verify/package-models.js';

/** A flag that names a model: a file, or one that the package carries. */
export function modelOption(flags: string, description: string): Option {
  const names = Object.keys(PACKAGE_MODELS).join(', ');
  return new Option(flags, `${description}: a file, or ${names} of the package`)
    .argParser(modelFileOf)
    .default(PACKAGE_MODELS.default, 'default');
}
