/** Files with some bytes changed, cut off or doubled: a result or a sentence, and no memory for what is not there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeNpy } from '../../npy.ts';
import { openImages } from '../open-images.ts';
import { parseLabels } from './labels.ts';
import { FIXTURES, patternBytes, resultOrSentence, testFolder } from './testing.ts';

const folder = testFolder();
const fixture = (name: string) => readFileSync(join(FIXTURES, name));
const idx = Buffer.concat([
  Buffer.from([0, 0, 8, 3, 0, 0, 0, 7, 0, 0, 0, 6, 0, 0, 0, 5]),
  patternBytes(7, [1, 6, 5], 'nhw'),
]);
const cifar = Buffer.concat([Uint8Array.of(3), patternBytes(1, [3, 32, 32], 'nchw')]);

const FILES: [name: string, bytes: Uint8Array][] = [
  ['a.npy', encodeNpy(patternBytes(7, [1, 6, 5], 'nhw'), [7, 6, 5])],
  ['b.npy', encodeNpy(Float32Array.from(patternBytes(7, [1, 6, 5], 'nhw')), [7, 6, 5])],
  ['stored.npz', fixture('stored.npz')],
  ['packed.npz', fixture('packed.npz')],
  ['images-idx3-ubyte', idx],
  ['images-idx3-ubyte.gz', gzipSync(idx)],
  ['compressed.mat', fixture('compressed.mat')],
  ['plain.mat', fixture('plain.mat')],
  ['other.mat', fixture('other.mat')],
  ['train.parquet', fixture('train-00000-of-00002.parquet')],
  ['zstd.parquet', fixture('train-00001-of-00002.parquet')],
  ['plain.parquet', fixture('test-00000-of-00001.parquet')],
  ['words.parquet', fixture('words.parquet')],
  ['batch.bin', cifar],
];

const damage = fc.record({
  // Fields of sizes and counts often hold numbers like these.
  edits: fc.array(
    fc.tuple(
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.oneof(fc.nat(255), fc.constantFrom(0, 0x7f, 0x80, 0xff)),
      fc.integer({ min: 1, max: 4 }),
    ),
    { maxLength: 4 },
  ),
  keep: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true })),
  tail: fc.uint8Array({ maxLength: 4 }),
});

function damaged(
  bytes: Uint8Array,
  { edits, keep, tail }: typeof damage extends fc.Arbitrary<infer T> ? T : never,
) {
  const copy = Uint8Array.from(bytes);
  for (const [place, byte, length] of edits) {
    const at = Math.floor(place * copy.length);
    copy.fill(byte, at, at + length);
  }
  return Buffer.concat([copy.subarray(0, Math.ceil(keep * copy.length)), tail]);
}

it.each(FILES)('%s', async (name, bytes) => {
  const path = join(folder, name);
  const before = process.resourceUsage().maxRSS;
  await fc.assert(
    fc.asyncProperty(damage, async (how) => {
      writeFileSync(path, damaged(bytes, how));
      await resultOrSentence(async () => {
        const source = await openImages(path, { split: 'train', columns: {} });
        try {
          const size = source.shape[0] * source.shape[1] * source.shape[2];
          expect(source.length).toBeLessThanOrEqual(8 * bytes.length + 100);
          if (size > 2 ** 24) return;
          await source.read([0, source.length - 1], new Float32Array(2 * size));
        } finally {
          await source.close?.();
        }
      });
    }),
    { numRuns: 150 },
  );
  // In kilobytes.
  expect(process.resourceUsage().maxRSS - before).toBeLessThan(500_000);
});

it.each(['labels.json', 'labels.csv', 'labels.txt', 'labels.npy'])('%s', (name) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.array(fc.integer()).map((list) => list.join('\n')),
      ),
      (text) => {
        try {
          const { labels } = parseLabels(Buffer.from(text), { name });
          expect(labels.every((label) => label >= 0)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ name: 'OutlierExposureError' });
        }
      },
    ),
  );
});
