/** A .npy file of random images, of any length. */
import { open } from 'node:fs/promises';
import { encodeNpy } from '../dist/data/index.js';
import { Random } from '../dist/random.js';

const SHAPE = [32, 32, 3];
const SIZE = SHAPE.reduce((product, side) => product * side, 1);
/** So many are drawn, and then repeated: what is read and computed does not depend on what is seen. */
const DRAWN = 1000;

/** Writes `count` images, uint8 [count, 32, 32, 3]. */
export async function writeRandomImages(path, count) {
  const random = Random.from(1, 'images');
  const drawn = Uint8Array.from({ length: DRAWN * SIZE }, () => random.integer(256));
  const file = await open(path, 'w');
  try {
    await file.write(headerOf(count));
    for (let from = 0; from < count; from += DRAWN)
      await file.write(drawn.subarray(0, Math.min(DRAWN, count - from) * SIZE));
  } finally {
    await file.close();
  }
}

/** The front of a .npy file of no images, with their number put in its place; spaces behind it make up the length. */
function headerOf(count) {
  const empty = Buffer.from(encodeNpy(new Uint8Array(0), [0, ...SHAPE])).toString('latin1');
  const text = empty.replace('(0,', `(${count},`);
  const surplus = text.length - empty.length;
  return Buffer.from(text.replace(`${' '.repeat(surplus)}\n`, '\n'), 'latin1');
}
