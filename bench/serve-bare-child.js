/** A bare session at a batch size: MODEL.onnx BATCH SECONDS. Prints images a second, and an image's processor time, as JSON. */
import { readFile } from 'node:fs/promises';
import * as onnxruntime from 'onnxruntime-node';
import { Random } from '../dist/random.js';
import { THREADS } from './peers.js';

const [path, batch, seconds] = process.argv.slice(2);
const session = await onnxruntime.InferenceSession.create(await readFile(path), {
  intraOpNumThreads: THREADS,
  graphOptimizationLevel: 'all',
});
const random = Random.from(1, 'images');
const data = Float32Array.from({ length: batch * 3072 }, () => random.uniform());
const feeds = {
  [session.inputNames[0]]: new onnxruntime.Tensor('float32', data, [Number(batch), 3, 32, 32]),
};
for (let i = 0; i < 3; i++) await session.run(feeds);
const spent = process.cpuUsage();
const began = performance.now();
let runs = 0;
while (performance.now() - began < 1000 * seconds) {
  await session.run(feeds);
  runs++;
}
const passed = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(spent);
console.log(
  JSON.stringify({
    perSecond: (runs * batch) / passed,
    processorSeconds: (user + system) / 1e6 / (runs * batch),
  }),
);
