/** Runs in a worker: sealing the weights of a network takes longer than a program may stand still. */
export { saveCheckpoint as default } from '../checkpoint.js';
