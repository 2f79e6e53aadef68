// Writes what docs/ takes from the code: `npm run docs` (builds first).
import { writeFileSync } from 'node:fs';
import { trainConfigSchema } from '../dist/train/config.js';
import { renderTrainingOptions } from './training-options.mjs';

writeFileSync(new URL('../docs/training-options.md', import.meta.url), renderTrainingOptions(trainConfigSchema));
