/** Small files for tests of commands on the user's own data, and `oe` as a process among them. For tests only. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { encodeNpy } from '../src/data/npy.ts';
import { Random } from '../src/random.ts';
import { runOe, type Surroundings } from './command.ts';

export { type Ended, expectSentence, oe } from './command.ts';

export const SIDE = 12;
const CLASSES = 3;
/** One a test file: every file loads this module for itself. */
export const folder = mkdtempSync(join(tmpdir(), 'oe-user-'));

/** Runs `oe` in the tests' folder. */
export const run = (args: string[], { interrupt }: Pick<Surroundings, 'interrupt'> = {}) =>
  runOe(args, { cwd: folder, interrupt });

export const file = (name: string) => join(folder, name);

/** Bright bars, one position a class, as bytes with channels last. */
function bars(count: number, seed: number) {
  const random = Random.from(seed, 'bars');
  const labels = BigInt64Array.from({ length: count }, (_, i) => BigInt(i % CLASSES));
  const pixels = Uint8Array.from({ length: count * SIDE * SIDE * 3 }, (_, i) => {
    const [image, x] = [Math.floor(i / (SIDE * SIDE * 3)), Math.floor(i / 3) % SIDE];
    return random.integer(80) + (Math.floor((x * CLASSES) / SIDE) === image % CLASSES ? 170 : 0);
  });
  return { pixels, labels, shape: [count, SIDE, SIDE, 3] };
}

export function writeBars(name: string, count: number, seed: number): void {
  const { pixels, labels, shape } = bars(count, seed);
  writeFileSync(file(`${name}.npy`), encodeNpy(pixels, shape));
  writeFileSync(file(`${name}-labels.npy`), encodeNpy(labels, [count]));
}

export function writeNoise(name: string, count: number, seed: number): void {
  const random = Random.from(seed, 'noise');
  const pixels = Uint8Array.from({ length: count * SIDE * SIDE * 3 }, () => random.integer(256));
  writeFileSync(file(`${name}.npy`), encodeNpy(pixels, [count, SIDE, SIDE, 3]));
}

/** A folder with a folder for each class. */
export async function writePictures(name: string, count: number): Promise<void> {
  const { pixels } = bars(count, 7);
  for (let i = 0; i < count; i++) {
    const place = file(join(name, ['left', 'middle', 'right'][i % CLASSES]!));
    mkdirSync(place, { recursive: true });
    const size = SIDE * SIDE * 3;
    const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
    await sharp(pixels.subarray(i * size, (i + 1) * size), { raw })
      .png()
      .toFile(join(place, `${i}.png`));
  }
}

export const small = [
  '--arch',
  'wrn-10-1',
  '--side',
  String(SIDE),
  '--batch',
  '20',
  '--threads',
  '1',
  '--quiet',
];
export const images = ['--in', 'train.npy', '--labels', 'train-labels.npy'];

export function removeFolder(): void {
  rmSync(folder, { recursive: true, force: true });
}
