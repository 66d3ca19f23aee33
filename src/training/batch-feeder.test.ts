import { describe, expect, it } from 'vitest';
import { type Augmentation, memorySource } from '../data/index.ts';
import { crossEntropy, outlierExposure } from '../objectives/index.ts';
import type { Tensors } from '../runtime/index.ts';
import { BatchFeeder } from './batch-feeder.ts';
import type { ImageTrainOptions } from './feeder.ts';
import { constantSchedule, sgd, type TrainingStep, type TrainOptions } from './index.ts';

/** Images of one pixel, which is their number. */
const numbered = (name: string, length: number, first: number, labels?: Int32Array) =>
  memorySource({
    name,
    shape: [1, 1, 1],
    pixels: Float32Array.from({ length }, (_, i) => first + i),
    fingerprint: name,
    ...(labels ? { labels } : {}),
  });

const inliers = numbered(
  'in',
  23,
  0,
  Int32Array.from({ length: 23 }, (_, i) => i % 4),
);
const step = {
  inputs: { pixels: 'x', labels: 'y', dropoutSeed: 'dropout' },
  batchShape: [8, 1, 1, 1],
  classes: 4,
} as unknown as TrainingStep;

function feeder(more: Partial<TrainOptions> = {}): BatchFeeder {
  const options = {
    inliers,
    outliers: numbered('out', 7, 100),
    objective: outlierExposure(),
    optimizer: sgd(),
    schedule: constantSchedule(0.1),
    epochs: 2,
    batch: { inliers: 5, outliers: 3 },
    seed: 1,
    ...more,
  } as ImageTrainOptions;
  return new BatchFeeder(options, step);
}

interface Batch {
  pixels: number[];
  labels: number[];
  seed: number;
}
async function batches(of: BatchFeeder, epoch: number, from?: number): Promise<Batch[]> {
  const read: Batch[] = [];
  for await (const { feeds } of of.epoch(epoch, from)) {
    read.push({
      pixels: Array.from(feeds.x!.data as Float32Array),
      labels: Array.from(feeds.y!.data as BigInt64Array, Number),
      seed: Number(feeds.dropout!.data[0]),
    });
  }
  return read;
}

describe('BatchFeeder', () => {
  it('stacks inliers with their labels, then outliers', async () => {
    const epoch = await batches(feeder(), 1);
    expect(epoch.length).toBe(feeder().stepsPerEpoch);
    expect(epoch.length).toBe(4);
    for (const { pixels, labels } of epoch) {
      expect(pixels.slice(0, 5).map((pixel) => pixel % 4)).toEqual(labels);
      expect(pixels.slice(5).every((pixel) => pixel >= 100)).toBe(true);
    }
    // No image twice, and 3 of 23 left out.
    expect(new Set(epoch.flatMap(({ pixels }) => pixels.slice(0, 5))).size).toBe(20);
  });

  it('follows the seed and the epoch, and nothing else', async () => {
    const of = feeder();
    const first = await batches(of, 1);
    const second = await batches(of, 2);
    expect(second).not.toEqual(first);
    // Whichever was read before.
    expect(await batches(of, 1)).toEqual(first);
    expect(await batches(feeder({ seed: 2 }), 1)).not.toEqual(first);
    expect(await batches(of, 2, 3)).toEqual(second.slice(3));
  });

  it('seeds the dropout of every step anew', async () => {
    const of = feeder();
    const seeds = [...(await batches(of, 1)), ...(await batches(of, 2))].map(({ seed }) => seed);
    expect(new Set(seeds).size).toBe(8);
  });

  it('fills the buffers that come back', async () => {
    const of = feeder();
    const fed: Tensors[] = [];
    for await (const { feeds } of of.epoch(1)) {
      fed.push(feeds);
      of.recycle(feeds);
    }
    expect(new Set(fed.map(({ x }) => x!.data)).size).toBe(1);
    expect(new Set(fed.map(({ y }) => y!.data)).size).toBe(1);
    const kept: unknown[] = [];
    for await (const { feeds } of feeder().epoch(1)) kept.push(feeds.x!.data);
    expect(new Set(kept).size).toBe(4);
  });

  it('reads no outliers where a batch has none', async () => {
    const outliers = {
      ...numbered('out', 7, 100),
      read: () => {
        throw new Error('read');
      },
    };
    const of = feeder({ objective: crossEntropy(), outliers, batch: { inliers: 8, outliers: 0 } });
    expect((await batches(of, 1)).flatMap(({ pixels }) => pixels).every((pixel) => pixel < 23)).toBe(true);
  });

  it('augments each part by itself, from the seed, the epoch and the step alone', async () => {
    const calls: { name: string; count: number; shape: string }[] = [];
    const add = (name: string, scale: number): Augmentation => ({
      name,
      apply(pixels, shape, random) {
        calls.push({ name, count: pixels.length, shape: String(shape) });
        for (let i = 0; i < pixels.length; i++) pixels[i]! += scale * random.uniform();
      },
    });
    const augment = { inliers: add('in', 0.1), outliers: add('out', 0.2) };
    const plain = await batches(feeder(), 2);
    const changed = await batches(feeder({ augment }), 2);
    expect(calls.slice(0, 2)).toEqual([
      { name: 'in', count: 5, shape: '1,1,1' },
      { name: 'out', count: 3, shape: '1,1,1' },
    ]);
    for (const [i, { pixels }] of changed.entries()) {
      const drawn = pixels.map((pixel, j) => (pixel - plain[i]!.pixels[j]!) / (j < 5 ? 0.1 : 0.2));
      expect(drawn.every((draw) => draw > -1e-3 && draw < 1.001)).toBe(true);
      expect(new Set(drawn).size).toBe(8);
    }
    // From any step on, and with one part left alone.
    expect(await batches(feeder({ augment }), 2, 3)).toEqual(changed.slice(3));
    const outliersOnly = await batches(feeder({ augment: { outliers: augment.outliers } }), 2);
    expect(outliersOnly[1]!.pixels.slice(0, 5)).toEqual(plain[1]!.pixels.slice(0, 5));
    expect(outliersOnly[1]!.pixels.slice(5)).toEqual(changed[1]!.pixels.slice(5));
    expect(await batches(feeder({ augment, seed: 2 }), 2)).not.toEqual(changed);
  });

  it('shuffles the outliers when told to, resuming in the middle', async () => {
    const shuffled = await batches(feeder({ outlierOrder: 'shuffled' }), 1);
    const order = shuffled.flatMap(({ pixels }) => pixels.slice(5));
    // Four batches of 3 of 7 outliers: the first seven are all of them, in another order than their own.
    expect(new Set(order.slice(0, 7)).size).toBe(7);
    expect(order.slice(0, 7)).not.toEqual(order.slice(0, 7).map((_, i) => 100 + ((order[0]! - 100 + i) % 7)));
    expect(await batches(feeder({ outlierOrder: 'shuffled' }), 1, 2)).toEqual(shuffled.slice(2));
  });
});
