/** A network with a threshold, as `oe serve` takes it. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findDetector } from '../dist/detectors/index.js';
import { buildNetwork } from '../dist/nn/index.js';
import { writeModel } from '../dist/onnx/index.js';
import { saveThreshold } from '../dist/thresholds/node/index.js';

/** @returns the model's path; the threshold is where `oe serve` looks for it */
export async function writeGuardedNetwork(folder, network) {
  const bytes = writeModel(buildNetwork(network, { seed: 1 }));
  const path = join(folder, `${network}.onnx`);
  await writeFile(path, bytes);
  const share = { rate: 0.05, interval: [0.03, 0.09], flagged: 25, count: 500 };
  await saveThreshold(join(folder, `${network}.guard.json`), {
    threshold: -0.5,
    detector: { detector: findDetector('msp'), state: {} },
    model: { name: `${network}.onnx`, sha256: createHash('sha256').update(bytes).digest('hex') },
    rule: { fpr: 0.05 },
    fpr: share,
    sets: [],
    data: [],
    versions: {},
  });
  return path;
}
