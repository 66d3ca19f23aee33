/** Scores a .npy file of images by the maximum softmax probability: MODEL.onnx IMAGES.npy. Prints JSON. */
import { readFile } from 'node:fs/promises';
import { memorySource } from '../dist/data/index.js';
import { openImages } from '../dist/data/node/index.js';
import { msp } from '../dist/detectors/index.js';
import { openScorer, scoresInOrder } from '../dist/evaluation/index.js';
import { readModel } from '../dist/onnx/index.js';
import { nodeRuntime } from '../dist/runtime/index.js';
import { peakResidentBytes } from './memory.js';
import { THREADS } from './peers.js';

/** The peer's too. */
const BATCH = 200;
/** How many scores are printed, for a comparison. */
const SHOWN = 200;

const [modelPath, imagesPath] = process.argv.slice(2);
const runtime = await nodeRuntime({ threads: THREADS });
const scorer = await openScorer(readModel(await readFile(modelPath)), [msp], { runtime, batch: BATCH });
const pixels = new Float32Array(BATCH * 3 * 32 * 32);
const black = memorySource({ name: 'black', shape: [3, 32, 32], pixels, fingerprint: '' });
await scorer.scoreAll(
  black,
  Uint32Array.from({ length: BATCH }, (_, i) => i),
);

const start = performance.now();
// As `oe score` opens it: what is read once need not be kept.
const images = await openImages(imagesPath, { memory: 0 });
const shown = [];
let done = 0;
for await (const { scores } of scoresInOrder(scorer, images)) {
  shown.push(...scores.subarray(0, SHOWN - shown.length));
  done += scores.length;
}
await images.close?.();
const seconds = (performance.now() - start) / 1000;
if (done !== images.length) throw new Error(`${done} of ${images.length} images were scored.`);
await runtime.dispose();
console.log(JSON.stringify({ seconds, peakBytes: peakResidentBytes(), scores: shown }));
