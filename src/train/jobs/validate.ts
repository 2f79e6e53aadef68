/** Runs in a worker: all pairs of the validation writers. */
export { validate as default } from '../validate.js';
