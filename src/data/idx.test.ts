import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutlierExposureError } from '../errors.ts';
import { idxImageSource, parseIdx } from './idx.ts';

function idx(shape: number[], data: ArrayLike<number>, type = 0x08): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  bytes.set([0, 0, type, shape.length]);
  for (const [i, dimension] of shape.entries()) new DataView(bytes.buffer).setUint32(4 + 4 * i, dimension);
  bytes.set(Array.from(data), 4 + 4 * shape.length);
  return bytes;
}

describe('parseIdx', () => {
  it('reads the shape and the values', () => {
    expect(parseIdx(idx([2, 3], [1, 2, 3, 4, 5, 6]))).toEqual({
      shape: [2, 3],
      data: Uint8Array.of(1, 2, 3, 4, 5, 6),
    });
  });

  it('reads a view that does not begin where its buffer does', () => {
    const padded = new Uint8Array([9, 9, 9, ...idx([2], [7, 8])]);
    expect([...parseIdx(padded.subarray(3)).data]).toEqual([7, 8]);
  });

  it.each([
    ['no bytes', new Uint8Array(), /has only 0 bytes/],
    ['another magic number', Uint8Array.of(1, 0, 8, 1, 0, 0, 0, 1, 5), /two zero bytes/],
    ['floats', idx([1], [0, 0, 0, 0], 0x0d), /type 0xd/],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0), /gunzip/],
    ['no dimensions', idx([], []), /0 dimensions/],
    ['too many dimensions', idx([1, 1, 1, 1, 1, 1, 1, 1, 1], [1]), /9 dimensions/],
    ['half a header', idx([2, 3], []).subarray(0, 7), /ends before they are given/],
    ['a missing value', idx([2, 2], [1, 2, 3]), /takes 4 bytes, but 3 follow.*cut off/],
    ['one value too many', idx([2], [1, 2, 3]), /takes 2 bytes, but 3 follow.*does not belong/],
    ['an absurd size', idx([0xffffffff, 0xffffffff, 0xffffffff], []), /but 0 follow/],
    ['no values', idx([0, 28], []), /holds no values/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => parseIdx(bytes, { name: 'digits.idx' })).toThrow(message);
    expect(() => parseIdx(bytes, { name: 'digits.idx' })).toThrow(/digits\.idx/);
  });

  it('returns what was written, whatever it is', () => {
    const arrays = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }).chain((shape) => {
      const size = shape.reduce((product, dimension) => product * dimension, 1);
      return fc.tuple(fc.constant(shape), fc.uint8Array({ minLength: size, maxLength: size }));
    });
    fc.assert(
      fc.property(arrays, ([shape, data]) => {
        expect(parseIdx(idx(shape, data))).toEqual({ shape, data });
      }),
    );
  });

  it('either reads damaged files or says what is wrong', () => {
    const file = idx([3, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const mutation = fc.record({
      cut: fc.nat({ max: file.length }),
      edits: fc.array(fc.tuple(fc.nat({ max: file.length - 1 }), fc.nat({ max: 255 })), { maxLength: 4 }),
      tail: fc.uint8Array({ maxLength: 3 }),
    });
    fc.assert(
      fc.property(mutation, ({ cut, edits, tail }) => {
        const bytes = file.slice();
        for (const [at, value] of edits) bytes[at] = value;
        try {
          const { data, shape } = parseIdx(new Uint8Array([...bytes.subarray(0, cut), ...tail]));
          expect(data.length).toBe(shape.reduce((product, dimension) => product * dimension, 1));
        } catch (error) {
          expect(error).toBeInstanceOf(OutlierExposureError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('idxImageSource', () => {
  const images = parseIdx(idx([2, 1, 2], [0, 51, 255, 102]));
  const options = { name: 'tiny', fingerprint: 'x', names: ['images.idx', 'labels.idx'] as [string, string] };

  it('joins images and labels', () => {
    const source = idxImageSource(images, parseIdx(idx([2], [4, 9])), options);
    const out = new Float32Array(2);
    source.read([1], out);
    expect(source).toMatchObject({ length: 2, shape: [1, 1, 2], labels: Int32Array.of(4, 9) });
    expect([...out]).toEqual([1, Math.fround(0.4)]);
  });

  it('refuses labels of other images, and labels in place of images', () => {
    expect(() => idxImageSource(images, parseIdx(idx([3], [1, 2, 3])), options)).toThrow(
      /labels\.idx has 3 labels for the 2 images of images\.idx/,
    );
    expect(() => idxImageSource(parseIdx(idx([2], [1, 2])), parseIdx(idx([2], [1, 2])), options)).toThrow(
      /images\.idx has the shape \[2\]/,
    );
  });
});
