/** Scores a .npy file of images by the maximum softmax probability: MODEL.onnx IMAGES.npy. Prints JSON. */
import { readFile } from 'node:fs/promises';
import { openImages } from '../dist/data/node/index.js';
import { scoreStream } from '../dist/evaluation/index.js';
import { nodeRuntime } from '../dist/runtime/index.js';
import { peakResidentBytes } from './memory.js';
import { THREADS } from './peers.js';

/** The peer's too. */
const BATCH = 200;
/** How many scores are printed, for a comparison. */
const SHOWN = 200;

const [modelPath, imagesPath] = process.argv.slice(2);
const runtime = await nodeRuntime({ threads: THREADS });
const session = await runtime.createSession(await readFile(modelPath));
await session.run({
  pixels: { elementType: 'float32', shape: [BATCH, 3, 32, 32], data: new Float32Array(BATCH * 3 * 32 * 32) },
});

const start = performance.now();
// As `oe score` opens it: what is read once need not be kept.
const images = await openImages(imagesPath, { memory: 0 });
const shown = [];
let done = 0;
for await (const { scores } of scoreStream(session, images, { batch: BATCH })) {
  shown.push(...scores.subarray(0, SHOWN - shown.length));
  done += scores.length;
}
await images.close?.();
const seconds = (performance.now() - start) / 1000;
if (done !== images.length) throw new Error(`${done} of ${images.length} images were scored.`);
await runtime.dispose();
console.log(JSON.stringify({ seconds, peakBytes: peakResidentBytes(), scores: shown }));
