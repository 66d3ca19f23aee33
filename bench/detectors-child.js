/** Fits one detector to features and scores others: FOLDER NAME COUNT WIDTH CLASSES. Prints JSON. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findDetector, fitDetector, matrix, runtimeAlgebra, scoreOutputs } from '../dist/detectors/index.js';
import { nodeRuntime } from '../dist/runtime/index.js';
import { peakResidentBytes } from './memory.js';
import { THREADS } from './peers.js';

/** As many as come out of a classifier at once. */
const WINDOW = 200;
/** How many scores are printed, for a comparison. */
const SHOWN = 200;

const [folder, name, ...numbers] = process.argv.slice(2);
const [count, width, classes] = numbers.map(Number);
const read = async (file, columns) => {
  const { buffer } = new Uint8Array(await readFile(join(folder, file)));
  return matrix(new Float32Array(buffer), columns);
};
const outputsOf = async (set) => ({
  features: await read(`${set}-features.f32`, width),
  logits: await read(`${set}-logits.f32`, classes),
});
const head = {
  weights: (await read('weights.f32', width)).data,
  bias: (await read('bias.f32', 1)).data,
  classes,
  width,
};
const labels = Int32Array.from({ length: count }, (_, i) => i % classes);
const fit = { ...(await outputsOf('fit')), labels };
const test = await outputsOf('test');
const detector = findDetector(name);
const runtime = await nodeRuntime({ threads: THREADS });
const algebra = runtimeAlgebra(runtime);

const start = performance.now();
const fitted = await fitDetector(detector, fit, { head, algebra });
const middle = performance.now();
const scores = new Float32Array(count);
const window = ({ data }, columns, from, to) => matrix(data.subarray(from * columns, to * columns), columns);
for (let from = 0; from < count; from += WINDOW) {
  const to = Math.min(count, from + WINDOW);
  const outputs = {
    features: window(test.features, width, from, to),
    logits: window(test.logits, classes, from, to),
  };
  scores.set(await scoreOutputs(fitted, outputs, { head, algebra }), from);
}
const end = performance.now();
await algebra.release();
await runtime.dispose();
console.log(
  JSON.stringify({
    fitSeconds: (middle - start) / 1000,
    scoreSeconds: (end - middle) / 1000,
    seconds: (end - start) / 1000,
    peakBytes: peakResidentBytes(),
    scores: [...scores.subarray(0, SHOWN)],
  }),
);
