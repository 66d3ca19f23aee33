/** Small training runs. For tests only. */
import { type ImageSource, memorySource } from '../data/index.ts';
import { outlierExposure } from '../objectives/index.ts';
import { Random } from '../random.ts';
import { nodeRuntime, type Runtime } from '../runtime/index.ts';
import { constantSchedule, sgd, type TrainOptions } from './index.ts';

/** One runtime a test file: every file loads this module for itself. */
export const runtime = await nodeRuntime({ threads: 1, place: 'here' });

/** Bright bars, one position a class: easy to learn. */
export function bars(count: number, name = 'bars'): ImageSource {
  const labels = Int32Array.from({ length: count }, (_, i) => i % 10);
  const random = Random.from(1, name);
  const pixels = new Float32Array(count * 784);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < 784; j++) {
      const lit = Math.floor((j % 28) / 2.8) === labels[i];
      pixels[i * 784 + j] = 0.3 * random.uniform() + (lit ? 0.7 : 0);
    }
  }
  return memorySource({ name, shape: [1, 28, 28], pixels, labels, fingerprint: name });
}

/** Unlabelled noise, or images of one value. */
export function noise(count: number, value?: number): ImageSource {
  const random = Random.from(2, 'noise');
  const pixels = Float32Array.from({ length: count * 784 }, () => value ?? random.uniform());
  return memorySource({ name: 'noise', shape: [1, 28, 28], pixels, fingerprint: 'noise' });
}

/** Three quick epochs of 20 steps of Outlier Exposure. */
export const options = (more: Partial<TrainOptions> = {}): TrainOptions => ({
  inliers: bars(200),
  outliers: noise(150),
  objective: outlierExposure(),
  optimizer: sgd(),
  schedule: constantSchedule(0.02),
  epochs: 3,
  batch: { inliers: 10, outliers: 10 },
  seed: 1,
  runtime,
  ...more,
});
/** A runtime that counts what is open on it. */
export function counted(inner: Runtime): Runtime & { open: number; made: number } {
  const counter = { open: 0, made: 0 };
  const count = <T extends { release(): Promise<void> }>(item: T): T => {
    counter.open++;
    counter.made++;
    const release = item.release.bind(item);
    item.release = () => {
      counter.open--;
      return release();
    };
    return item;
  };
  return Object.assign(counter, {
    createSession: async (...given: Parameters<Runtime['createSession']>) =>
      count(await inner.createSession(...given)),
    createLoop: async (...given: Parameters<Runtime['createLoop']>) =>
      count(await inner.createLoop(...given)),
    dispose: () => inner.dispose(),
  });
}
