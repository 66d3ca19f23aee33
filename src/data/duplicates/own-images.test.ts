import { expect, it } from 'vitest';
import { Random } from '../../random.ts';
import { ones } from './hamming-index.ts';
import { CELLS } from './image-grid.ts';
import { OwnImages } from './own-images.ts';
import { likeness, mirroredHash, mirroredThumbnail, perceptualHash, thumbnail } from './perceptual-hash.ts';

const DISTANCE = 12;
const SIMILARITY = 0.75;

it('lets those go that are like an earlier picture which stays, and no others', async () => {
  const random = Random.from(1, 'pictures that change slowly');
  const own = new OwnImages();
  const pictures: { hash: ReturnType<typeof perceptualHash>; small: Int8Array }[] = [];
  for (let scene = 0; scene < 3; scene++) {
    const cells = Float32Array.from({ length: CELLS }, () => random.uniform());
    // Each is like the few before it, but not like the first.
    for (let step = 0; step < 100; step++) {
      for (let i = 0; i < CELLS; i++) cells[i] = 0.95 * cells[i]! + 0.2 * (random.uniform() - 0.5);
      const small = new Int8Array(CELLS);
      thumbnail(cells, small);
      const hash = perceptualHash(cells);
      const turned = step % 3 === 0;
      pictures.push(turned ? { hash: mirroredHash(hash), small: mirroredThumbnail(small) } : { hash, small });
    }
  }
  for (const [i, { hash, small }] of pictures.entries()) own.table.add(hash, small, 10 * i);
  const alike = (a: number, b: number): boolean => {
    const [{ hash, small }, other] = [pictures[a]!, pictures[b]!];
    return [
      { hash, small },
      { hash: mirroredHash(hash), small: mirroredThumbnail(small) },
    ].some(
      (one) =>
        ones(one.hash.low ^ other.hash.low) + ones(one.hash.high ^ other.hash.high) <= DISTANCE &&
        likeness(one.small, other.small, 0) >= SIMILARITY,
    );
  };
  const stay: number[] = [];
  for (let i = 0; i < pictures.length; i++) if (!stay.some((first) => alike(i, first))) stay.push(i);
  const pairs = await own.repeats({ distance: DISTANCE, similarity: SIMILARITY });
  const gone = new Set(pairs.map(({ index }) => index / 10));
  expect([...pictures.keys()].filter((i) => !gone.has(i))).toEqual(stay);
  expect(stay.length).toBeGreaterThan(15);
  expect(gone.size).toBeGreaterThan(150);
  for (const { index, of } of pairs) expect([of < index, gone.has(of / 10)]).toEqual([true, false]);
});
