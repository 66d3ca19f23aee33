import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../random.ts';
import { type ImageShape, memorySource } from '../source.ts';
import { memoryTexts } from '../text/source.ts';
import { IMAGE_KINDS, madeKinds, makeOutliers, resemblesOf, TEXT_KINDS } from './index.ts';

const SHAPE: ImageShape = [3, 9, 10];

function images(count: number, shape: ImageShape = SHAPE, classes = 3) {
  const random = Random.from(7, 'images');
  const pixels = Float32Array.from({ length: count * shape[0] * shape[1] * shape[2] }, () =>
    random.uniform(),
  );
  const labels = Int32Array.from({ length: count }, (_, i) => i % classes);
  return memorySource({ name: 'in', shape, pixels, labels, fingerprint: 'in' });
}

async function pixelsOf(source: ReturnType<typeof images>, indices: number[]): Promise<Float32Array> {
  const out = new Float32Array(indices.length * source.shape[0] * source.shape[1] * source.shape[2]).fill(
    Number.NaN,
  );
  await source.read(indices, out);
  return out;
}

const sorted = (values: Iterable<number>) => [...values].sort((a, b) => a - b);
const kinds = Object.keys(IMAGE_KINDS) as (keyof typeof IMAGE_KINDS)[];

describe('outliers made of images', () => {
  it.each(kinds)('%s: as many, within [0, 1], others than before, the same in any window', async (kind) => {
    const source = images(12);
    const made = makeOutliers(source, kind, { seed: 3 });
    expect([made.length, made.shape, made.labels]).toEqual([12, SHAPE, undefined]);
    const all = await pixelsOf(made, [...Array(12).keys()]);
    expect(all.every((value) => value >= 0 && value <= 1)).toBe(true);
    const size = 270;
    const before = await pixelsOf(source, [...Array(12).keys()]);
    for (let i = 0; i < 12; i++)
      expect(all.slice(i * size, (i + 1) * size)).not.toEqual(before.slice(i * size, (i + 1) * size));
    expect(await pixelsOf(made, [11, 2])).toEqual(
      Float32Array.of(...all.slice(11 * size), ...all.slice(2 * size, 3 * size)),
    );
    const again = await pixelsOf(makeOutliers(source, kind, { seed: 3 }), [5]);
    expect(again).toEqual(all.slice(5 * size, 6 * size));
  });

  it('moves tiles and pixels, and makes none', async () => {
    const source = images(2, [3, 8, 8]);
    const before = await pixelsOf(source, [1]);
    for (const kind of ['jigsaw', 'pixels']) {
      const after = await pixelsOf(makeOutliers(source, kind), [1]);
      for (let c = 0; c < 3; c++)
        expect(sorted(after.subarray(c * 64, (c + 1) * 64))).toEqual(
          sorted(before.subarray(c * 64, (c + 1) * 64)),
        );
    }
    // Neighbours within a tile of 2 × 2 stay neighbours.
    const after = await pixelsOf(makeOutliers(source, 'jigsaw'), [1]);
    const pairs = (values: Float32Array) =>
      sorted(Array.from({ length: 32 }, (_, i) => values[2 * i]! * 1000 + values[2 * i + 1]!));
    expect(pairs(after)).toEqual(pairs(before));
    // All channels of a pixel go together.
    const permuted = await pixelsOf(makeOutliers(source, 'pixels'), [1]);
    const colours = (values: Float32Array) =>
      sorted(
        Array.from({ length: 64 }, (_, i) => values[i]! + 10 * values[64 + i]! + 100 * values[128 + i]!),
      );
    expect(colours(permuted)).toEqual(colours(before));
  });

  it('mixes images of different classes', async () => {
    const pixels = Float32Array.from({ length: 40 }, (_, i) => (i < 20 ? 0 : 1));
    const labels = Int32Array.from({ length: 40 }, (_, i) => (i < 20 ? 0 : 1));
    const flat = memorySource({ name: 'flat', shape: [1, 1, 1], pixels, labels, fingerprint: 'flat' });
    const indices = [...Array(40).keys()];
    expect(new Set(await pixelsOf(makeOutliers(flat, 'mean'), indices))).toEqual(new Set([0.5]));
    expect(new Set(await pixelsOf(makeOutliers(flat, 'geometric'), indices))).toEqual(new Set([0]));
    for (const value of await pixelsOf(makeOutliers(flat, 'mixup'), indices)) {
      expect(value).toBeGreaterThanOrEqual(0.299);
      expect(value).toBeLessThanOrEqual(0.701);
    }
  });

  it('inverts, blurs to nearly one value, and leaves nothing of a picture under strong noise', async () => {
    const source = images(30, [1, 16, 16]);
    const [before] = await pixelsOf(source, [0]);
    const [after] = await pixelsOf(makeOutliers(source, 'inverted'), [0]);
    expect(after).toBeCloseTo(1 - before!, 6);
    const deviation = (values: Float32Array) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    };
    expect(deviation(await pixelsOf(makeOutliers(source, 'blur'), [0]))).toBeLessThan(
      0.2 * deviation(await pixelsOf(source, [0])),
    );
    const noisy = await pixelsOf(makeOutliers(source, 'noise'), [...Array(30).keys()]);
    expect(noisy.filter((value) => value === 0 || value === 1).length).toBeGreaterThan(100);
  });

  it('lets kinds take turns', async () => {
    const source = images(6);
    const both = makeOutliers(source, 'made:inverted+jigsaw', { seed: 2 });
    expect(both.name).toBe('made:inverted+jigsaw');
    const one = (kind: string, i: number) => pixelsOf(makeOutliers(source, kind, { seed: 2 }), [i]);
    expect(await pixelsOf(both, [4])).toEqual(await one('inverted', 4));
    expect(await pixelsOf(both, [3])).toEqual(await one('jigsaw', 3));
    const all = makeOutliers(source, 'all');
    expect(await pixelsOf(all, [1])).toEqual(await pixelsOf(makeOutliers(source, kinds[1]!), [1]));
  });

  it('refuses in sentences what it cannot make', () => {
    const cases: [() => unknown, RegExp][] = [
      [
        () => makeOutliers(images(4), 'jigsw'),
        /of the kind "jigsw" can be made of images; did you mean "jigsaw"\?/,
      ],
      [() => makeOutliers(images(4), 'shuffled'), /Known: jigsaw, .*, all; several/],
      [() => makeOutliers(images(4), ''), /of the kind ""/],
      [() => makeOutliers(images(0), 'jigsaw'), /"in" is empty: there is nothing/],
      [() => makeOutliers(images(1), 'mean'), /pairs of different classes, but "in" has 1 example:/],
      [() => makeOutliers(images(4, SHAPE, 1), 'mixup'), /has one class alone/],
      [
        () => makeOutliers(images(4, [1, 3, 9]), 'jigsaw'),
        /need images of 4 × 4 or more, but those of "in" are 3 × 9/,
      ],
    ];
    for (const [make, sentence] of cases) expect(make).toThrowError(sentence);
  });

  it('makes what it says for any shape that is large enough', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...kinds),
        fc.tuple(fc.constantFrom(1, 3), fc.integer({ min: 4, max: 19 }), fc.integer({ min: 4, max: 19 })),
        async (kind, shape) => {
          const out = await pixelsOf(makeOutliers(images(3, shape as unknown as ImageShape), kind), [2, 0]);
          expect(out.every((value) => value >= 0 && value <= 1)).toBe(true);
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  it('knows which validation outliers a kind resembles', () => {
    expect(resemblesOf('made:jigsaw+mixup', 'images')).toEqual(['Jigsaw', 'Arithmetic mean']);
    expect(resemblesOf('made:words=wiki.txt', 'texts')).toEqual(['random-words']);
    expect(resemblesOf('jigsaw', 'images')).toEqual([]);
    expect(() => resemblesOf('made:nothing', 'images')).toThrowError(/of the kind "nothing"/);
  });
});

describe('outliers made of texts', () => {
  const texts = memoryTexts({
    name: 'texts',
    texts: ['What is the Sun', 'Who wrote this book', 'Where do rivers end', 'When was it'],
    labels: Int32Array.of(0, 1, 0, 1),
    fingerprint: 'texts',
  });
  const wordsOf = (text: string) => text.split(' ').sort();

  it('shuffles words', () => {
    const made = makeOutliers(texts, 'shuffled', { seed: 1 });
    for (let i = 0; i < 4; i++) expect(wordsOf(made.text(i))).toEqual(wordsOf(texts.text(i)));
    expect([0, 1, 2, 3].some((i) => made.text(i) !== texts.text(i))).toBe(true);
    expect(makeOutliers(texts, 'made:shuffled', { seed: 1 }).text(2)).toBe(made.text(2));
    expect(made.labels).toBeUndefined();
  });

  it('mixes texts of different classes', () => {
    const made = makeOutliers(texts, 'mixed');
    const ends = { 0: ['the Sun', 'rivers end'], 1: ['this book', 'it'] };
    for (let i = 0; i < 4; i++) {
      expect(made.text(i).startsWith(texts.text(i).split(' ').slice(0, 2).join(' '))).toBe(true);
      const other = ends[(i % 2 === 0 ? 1 : 0) as 0 | 1];
      expect(other.some((end) => made.text(i).endsWith(end))).toBe(true);
    }
  });

  it('draws words, of its own or of another corpus', () => {
    const own = makeOutliers(texts, 'words');
    const known = new Set([0, 1, 2, 3].flatMap((i) => texts.text(i).split(' ')));
    expect(own.text(0).split(' ').length).toBe(4);
    expect(
      own
        .text(3)
        .split(' ')
        .every((word) => known.has(word)),
    ).toBe(true);
    const corpus = memoryTexts({ name: 'other', texts: ['uno dos'], fingerprint: 'other' });
    const foreign = makeOutliers(texts, 'words', { corpus });
    expect(foreign.text(1)).toMatch(/^((uno|dos) ?){4}$/);
    expect(foreign.fingerprint).toContain('words of other');
    const empty = memoryTexts({ name: 'empty', texts: [' '], fingerprint: 'empty' });
    expect(() => makeOutliers(texts, 'words', { corpus: empty })).toThrowError(/"empty" has no words/);
  });

  it('knows kinds of texts alone', () => {
    expect(madeKinds('texts')).toEqual(Object.keys(TEXT_KINDS));
    expect(() => makeOutliers(texts, 'blur')).toThrowError(
      /can be made of texts.* Known: shuffled, mixed, words, all/,
    );
  });
});
