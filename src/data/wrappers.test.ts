/** Sets made of other sets: joined, in part, in another shape. */
import { describe, expect, it } from 'vitest';
import { concatSources } from './concat.ts';
import { grayscale } from './gray.ts';
import { byteResizer } from './resize.ts';
import { type ImageShape, type ImageSource, memorySource } from './source.ts';
import { subset } from './subset.ts';
import { toShape } from './to-shape.ts';

function set(
  name: string,
  values: number[],
  options: { labels?: number[]; classNames?: string[] } = {},
): ImageSource {
  const { labels, classNames } = options;
  return {
    ...memorySource({ name, shape: [1, 1, 1], pixels: Float32Array.from(values), fingerprint: name }),
    ...(labels && { labels: Int32Array.from(labels) }),
    ...(classNames && { classNames }),
  };
}

async function read(source: ImageSource, indices: number[]): Promise<number[]> {
  const out = new Float32Array(indices.length * source.shape.reduce((size, side) => size * side, 1));
  await source.read(indices, out);
  return [...out];
}

const bytes = (shape: ImageShape, pixels: ArrayLike<number>) =>
  memorySource({ name: 'bytes', shape, pixels: Uint8Array.from(pixels), fingerprint: 'b' });

describe('concatSources', () => {
  const [a, b, c] = [set('a', [1, 2]), set('b', [3]), set('c', [4, 5, 6])];

  it('puts one set after the other, in any order of reading', async () => {
    const all = concatSources([a, b, c]);
    expect(all).toMatchObject({ name: 'a + b + c', length: 6, fingerprint: 'a + b + c' });
    expect(await read(all, [0, 1, 2, 3, 4, 5])).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await read(all, [5, 0, 2, 2, 1, 4])).toEqual([6, 1, 3, 3, 2, 5]);
    await expect(read(all, [6])).rejects.toThrow(/the images 0 to 5; there is no image 6/);
  });

  it('has labels when all have, and joins classes by name', () => {
    const labelled = [set('a', [1, 2], { labels: [1, 0] }), set('b', [3], { labels: [2] })];
    expect(concatSources(labelled).labels).toEqual(Int32Array.of(1, 0, 2));
    expect(concatSources([...labelled, c]).labels).toBeUndefined();
    const named = [
      set('a', [1, 2], { labels: [1, 0], classNames: ['cat', 'dog'] }),
      set('b', [3, 4], { labels: [0, 1], classNames: ['dog', 'eel'] }),
    ];
    expect(concatSources(named)).toMatchObject({
      labels: Int32Array.of(1, 0, 1, 2),
      classNames: ['cat', 'dog', 'eel'],
    });
  });

  it('closes its sets, and refuses none and other shapes', async () => {
    let closed = 0;
    const closable = { ...a, close: async () => void closed++ };
    await concatSources([closable, b, closable]).close!();
    expect(closed).toBe(2);
    expect(concatSources([a, b]).close).toBeUndefined();
    expect(() => concatSources([])).toThrow(/No sets/);
    expect(() => concatSources([a, bytes([1, 1, 2], [0, 0])])).toThrow(
      /\[1, 1, 1\], but "bytes" of \[1, 1, 2\]/,
    );
  });
});

describe('subset', () => {
  const source = set('all', [0, 10, 20, 30, 40], {
    labels: [0, 1, 2, 3, 4],
    classNames: ['p', 'q', 'r', 's', 't'],
  });

  it('takes images by number, the first ones, or a draw', async () => {
    const some = subset(source, [4, 1]);
    expect(some).toMatchObject({ length: 2, labels: Int32Array.of(4, 1), classNames: source.classNames });
    expect(await read(some, [1, 0, 0])).toEqual([10, 40, 40]);
    expect(await read(subset(source, 2), [0, 1])).toEqual([0, 10]);
    const draws = [1, 2, 3, 4, 5, 6].map((seed) => [...subset(source, 3, { seed }).labels!]);
    for (const draw of draws) expect(draw).toEqual([...new Set(draw)].sort());
    expect(new Set(draws.map(String)).size).toBeGreaterThan(1);
    expect(subset(source, 3, { seed: 7 }).labels).toEqual(subset(source, 3, { seed: 7 }).labels);
  });

  it('has another fingerprint for other images', () => {
    const prints = [
      subset(source, 2),
      subset(source, 2, { seed: 1 }),
      subset(source, [0, 2]),
      subset(source, [2, 0]),
    ];
    expect(new Set(prints.map((some) => some.fingerprint)).size).toBe(4);
  });

  it.each([6, 0, 1.5, Number.NaN])('refuses to take %d of five', (count) => {
    expect(() => subset(source, count)).toThrow(/has 5 images, of which .* cannot be taken/);
  });

  it('refuses images that are not there', () => {
    for (const index of [5, -1, 0.5]) expect(() => subset(source, [0, index])).toThrow(/there is no image/);
  });
});

describe('toShape', () => {
  it('leaves what has the shape as it is', () => {
    const source = bytes([1, 2, 2], [1, 2, 3, 4]);
    expect(toShape(source, [1, 2, 2])).toBe(source);
  });

  it('changes channels without rounding', async () => {
    const colour = bytes([3, 1, 2], [255, 10, 0, 20, 0, 30]);
    expect(await read(toShape(colour, [1, 1, 2]), [0])).toEqual(await read(grayscale(colour), [0]));
    const gray = await read(toShape(bytes([1, 1, 2], [51, 255]), [3, 1, 2]), [0]);
    expect(gray).toEqual([51, 255, 51, 255, 51, 255].map((byte) => Math.fround(byte / 255)));
    const clear = await read(toShape(bytes([4, 1, 2], [255, 0, 0, 0, 0, 0, 255, 0]), [3, 1, 2]), [0]);
    expect(clear).toEqual([1, 1, 0, 1, 0, 1]);
    expect(() => toShape(bytes([2, 1, 1], [1, 1]), [3, 1, 1])).toThrow(/2 channels, from which none of 3/);
    expect(() => toShape(colour, [1, 0, 2])).toThrow(/cannot have the shape \[1, 0, 2\]/);
  });

  it('resizes as the byte resizer, which equals Pillow', async () => {
    const pixels = Uint8Array.from({ length: 64 }, (_, i) => (i * 37) % 256);
    const source = bytes([1, 8, 8], pixels);
    const expected = byteResizer({ height: 8, width: 8 }, { height: 5, width: 5 }, 'bilinear')(pixels);
    const values = await read(toShape(source, [1, 5, 5]), [0]);
    expect(values).toEqual([...expected].map((byte) => Math.fround(byte / 255)));
    const wide = byteResizer({ height: 8, width: 8 }, { height: 4, width: 6 }, 'bilinear')(pixels);
    expect(await read(toShape(source, [1, 4, 6], { resize: 'stretch' }), [0])).toEqual(
      [...wide].map((byte) => Math.fround(byte / 255)),
    );
  });

  it('cuts out the middle', async () => {
    // Four columns of 0, 1, 2, 3.
    const source = bytes([1, 2, 4], [0, 1, 2, 3, 0, 1, 2, 3]);
    const middle = await read(toShape(source, [1, 2, 2]), [0]);
    expect(middle.map((value) => Math.round(value * 255))).toEqual([1, 2, 1, 2]);
    const larger = await read(toShape(source, [3, 4, 4]), [0]);
    expect(larger).toHaveLength(48);
    expect(larger.slice(0, 16)).toEqual(larger.slice(32));
  });

  it('resizes once what it may keep', async () => {
    let reads = 0;
    const plain = bytes([1, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
    const source: ImageSource = {
      ...plain,
      read(indices, out) {
        reads += indices.length;
        return plain.read(indices, out);
      },
    };
    const kept = toShape(source, [1, 4, 4], { memory: 1000 });
    const first = await read(kept, [1, 0]);
    expect(await read(kept, [0, 1])).toEqual([...first.slice(16), ...first.slice(0, 16)]);
    expect(reads).toBe(2);
    await kept.close!();
    expect(await read(kept, [1, 0])).toEqual(first);
    expect(reads).toBe(4);
    await read(toShape(source, [1, 4, 4]), [0, 0]);
    expect(reads).toBe(6);
  });

  it('keeps labels, names and the way to close', async () => {
    let closed = false;
    const source = {
      ...bytes([3, 2, 2], new Uint8Array(12)),
      labels: Int32Array.of(4),
      classNames: ['x'],
      close: async () => void (closed = true),
    };
    const gray = toShape(source, [1, 2, 2]);
    expect(gray).toMatchObject({ labels: Int32Array.of(4), classNames: ['x'], length: 1 });
    expect(gray.fingerprint).not.toBe(source.fingerprint);
    await gray.close!();
    expect(closed).toBe(true);
  });
});
