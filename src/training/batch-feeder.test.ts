import { describe, expect, it } from 'vitest';
import { memorySource } from '../data/index.ts';
import { crossEntropy, outlierExposure } from '../objectives/index.ts';
import type { Tensors } from '../runtime/index.ts';
import { BatchFeeder } from './batch-feeder.ts';
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
  } as TrainOptions;
  return new BatchFeeder(options, step);
}

interface Batch {
  pixels: number[];
  labels: number[];
  seed: number;
}
async function batches(of: BatchFeeder, epoch: number, from?: number): Promise<Batch[]> {
  const read: Batch[] = [];
  for await (const feeds of of.epoch(epoch, from)) {
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
    for await (const feeds of of.epoch(1)) {
      fed.push(feeds);
      of.recycle(feeds);
    }
    expect(new Set(fed.map(({ x }) => x!.data)).size).toBe(1);
    expect(new Set(fed.map(({ y }) => y!.data)).size).toBe(1);
    const kept: unknown[] = [];
    for await (const { x } of feeder().epoch(1)) kept.push(x!.data);
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
});
