/** An experiment of few and simple images. For tests only. */
import { gaussianNoise, type ImageSource, memorySource, uniformNoise } from '../../data/index.ts';
import { Random } from '../../random.ts';
import type { ImageDeclaration, OutlierRequest } from '../declaration.ts';

const SHAPE = [1, 28, 28] as const;

/** Bright bars, upright or lying, one position a class. */
function bars(name: string, count: number, direction: 'upright' | 'lying'): ImageSource {
  const labels = Int32Array.from({ length: count }, (_, i) => (i * 7) % 10);
  const random = Random.from(1, name);
  const pixels = new Float32Array(count * 784);
  for (let i = 0; i < pixels.length; i++) {
    const at = direction === 'upright' ? i % 28 : Math.floor(i / 28) % 28;
    const lit = Math.floor(at / 2.8) === labels[Math.floor(i / 784)];
    pixels[i] = 0.3 * random.uniform() + (lit ? 0.7 : 0);
  }
  return memorySource({ name, shape: SHAPE, pixels, labels, fingerprint: name });
}

const settings = { learningRate: 0.02, batch: { inliers: 10, outliers: 20 } };

export const barExperiment: ImageDeclaration = {
  name: 'bars',
  description: 'upright bars',
  title: 'Bars',
  subject: { one: 'bar', many: 'bars' },
  examples: 'images',
  shape: SHAPE,
  classes: 10,
  network: 'convnet',
  noiseRange: 'unit',
  trainPart: 'first',
  training: {
    lambda: 0.5,
    weightDecay: 0,
    models: {
      baseline: { epochs: 3, ...settings },
      'oe-tune': { epochs: 2, ...settings },
      'oe-scratch': { epochs: 3, ...settings },
    },
  },
  quick: { trainSize: 100, epochs: { baseline: 1, 'oe-tune': 1, 'oe-scratch': 1 } },
  n: 95,
  outRatio: 0.5,
  published: () => ({ source: 'nobody', n: 95, testError: {}, rows: {} }),
  loadInliers: async () => ({ train: bars('train', 200, 'upright'), test: bars('test', 60, 'upright') }),
  async loadOutliers({ outliers = 'lying', noiseCount: count, seed }: OutlierRequest) {
    const noise = { count, shape: SHAPE, seed };
    const named = (source: ImageSource, name: string) => ({ ...source, name });
    const all = [
      bars('lying', 80, 'lying'),
      named(gaussianNoise(noise), 'gaussian'),
      named(uniformNoise(noise), 'uniform'),
    ];
    return {
      train: all.find(({ name }) => name === outliers)!,
      testSets: all.filter(({ name }) => name !== outliers),
      validationSets: [],
      notes: ['made up'],
    };
  },
};
