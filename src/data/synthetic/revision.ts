/** Counts the generator's states: from the same seed each makes other signatures. */
export const GENERATOR_REVISION = 2;
