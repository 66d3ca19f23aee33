/** Files of weights. Node only. */
export { parseCheckpoint, readCheckpoint } from './read-checkpoint.ts';
export { readTorchZip } from './torch-zip.ts';
