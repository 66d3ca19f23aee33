/** Images whose every value says where it belongs, for the tests of the readers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect } from 'vitest';
import { OutlierExposureError } from '../../../errors.ts';
import type { ImageShape, ImageSource } from '../../source.ts';

/** Sets that other libraries wrote; see test/fixtures/image-sets.py. */
export const FIXTURES = fileURLToPath(new URL('../../../../test/fixtures/image-sets/', import.meta.url));

/** Of image n, channel c, row y, column x, as a byte. */
export function value(n: number, c: number, y: number, x: number): number {
  return (37 * n + 71 * c + 13 * y + 5 * x) % 256;
}

/** The values of images, channels first. */
export function patternOf(indices: readonly number[], [channels, height, width]: ImageShape): Float32Array {
  const values: number[] = [];
  for (const n of indices)
    for (let c = 0; c < channels; c++)
      for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) values.push(value(n, c, y, x) / 255);
  return Float32Array.from(values);
}

/** A byte array of images in another order: `axes` lists them from slowest to fastest, `n` first. */
export function patternBytes(count: number, [channels, height, width]: ImageShape, axes: string): Uint8Array {
  const sides: Record<string, number> = { n: count, c: channels, h: height, w: width };
  const bytes = new Uint8Array(count * channels * height * width);
  for (let i = 0; i < bytes.length; i++) {
    const at: Record<string, number> = {};
    let rest = i;
    for (const axis of [...axes].reverse()) {
      at[axis] = rest % sides[axis]!;
      rest = Math.floor(rest / sides[axis]!);
    }
    bytes[i] = value(at.n!, at.c ?? 0, at.h!, at.w!);
  }
  return bytes;
}

export async function readImages(source: ImageSource, indices: readonly number[]): Promise<Float32Array> {
  const out = new Float32Array(indices.length * source.shape[0] * source.shape[1] * source.shape[2]);
  await source.read(indices, out);
  return out;
}

/** That a set holds the images from `first` on, in whatever order they are asked for. */
export async function expectPattern(source: ImageSource, first = 0): Promise<void> {
  const all = Array.from({ length: source.length }, (_, i) => i);
  const mixed = [...all].reverse().concat(0, 0, source.length - 1);
  for (const indices of [all, mixed]) {
    const expected = patternOf(
      indices.map((i) => i + first),
      source.shape,
    );
    expect(await readImages(source, indices)).toEqual(expected);
  }
}

/** A folder for a file's tests, removed after them. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'oe-formats-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** That damaged files give a result or a sentence, never another error. */
export async function resultOrSentence(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof OutlierExposureError)) throw error;
    expect(error.message).toMatch(/[.?]$/);
  }
}
