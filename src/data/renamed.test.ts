import { expect, it } from 'vitest';
import { renamed } from './renamed.ts';
import type { ImageShape, ImageSource } from './source.ts';

class Counting implements ImageSource {
  readonly name = 'counting';
  readonly fingerprint = 'made here';
  readonly shape: ImageShape = [1, 1, 1];
  #reads = 0;
  get length() {
    return 3 + this.#reads;
  }
  read(indices: ArrayLike<number>, out: Float32Array) {
    this.#reads++;
    for (let i = 0; i < indices.length; i++) out[i] = indices[i]!;
  }
}

it('calls a set otherwise, methods, getters and private fields kept', async () => {
  const set = new Counting();
  const other = renamed(set, 'other');
  const out = new Float32Array(2);
  await other.read([4, 5], out);
  expect([other.name, set.name, [...out], other.length, set.length]).toEqual([
    'other',
    'counting',
    [4, 5],
    4,
    4,
  ]);
  expect('nameOf' in other).toBe(false);
});
