import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutlierExposureError } from '../errors.ts';
import { encodeNpy, type NpyValues, parseNpy } from './npy.ts';

/** A file with a header of our choice. */
function file(header: string, body: Uint8Array, version = 1): Uint8Array {
  const length = version === 1 ? 2 : 4;
  const bytes = new Uint8Array(8 + length + header.length + body.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, header.length, true);
  else view.setUint32(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), 8 + length);
  bytes.set(body, 8 + length + header.length);
  return bytes;
}
const header = (descr: string, shape: string, order = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape}), }\n`;

describe('parseNpy', () => {
  it('reads back what encodeNpy writes', () => {
    const arrays: NpyValues[] = [
      Float32Array.of(1.5, -2, Number.POSITIVE_INFINITY, 0, 1, 2),
      Float64Array.of(Math.PI, 1, 2, 3, 4, 5),
      Uint8Array.of(0, 255, 1, 2, 3, 4),
      Int8Array.of(-128, 127, 0, 0, 0, 1),
      Int16Array.of(-5, 1, 2, 3, 4, 5),
      Uint16Array.of(65535, 1, 2, 3, 4, 5),
      Int32Array.of(-(2 ** 31), 1, 2, 3, 4, 5),
      Uint32Array.of(2 ** 32 - 1, 1, 2, 3, 4, 5),
      BigInt64Array.of(-(2n ** 63n), 1n, 2n, 3n, 4n, 5n),
      BigUint64Array.of(2n ** 64n - 1n, 1n, 2n, 3n, 4n, 5n),
    ];
    for (const data of arrays) {
      for (const shape of [[6], [2, 3], [1, 6, 1]])
        expect(parseNpy(encodeNpy(data, shape))).toEqual({ data, shape });
    }
    expect(parseNpy(encodeNpy(Float32Array.of(7), []))).toEqual({ data: Float32Array.of(7), shape: [] });
  });

  it('aligns the values to 64 bytes', () => {
    const bytes = encodeNpy(Float32Array.of(1, 2), [2]);
    expect((bytes.length - 8) % 64).toBe(0);
  });

  it.each([1, 2, 3])('reads version %d', (version) => {
    expect(parseNpy(file(header('|u1', '3,'), Uint8Array.of(1, 2, 3), version)).data).toEqual(
      Uint8Array.of(1, 2, 3),
    );
  });

  it('reads the other byte order, and booleans', () => {
    expect(parseNpy(file(header('>i2', '2,'), Uint8Array.of(1, 2, 0xff, 0xfe))).data).toEqual(
      Int16Array.of(258, -2),
    );
    expect(parseNpy(file(header('|b1', '2,'), Uint8Array.of(1, 0))).data).toEqual(Uint8Array.of(1, 0));
  });

  it.each([
    ['objects', file(header('|O', '1,'), new Uint8Array(8)), /plain type/],
    ['strings', file(header('<U4', '1,'), new Uint8Array(16)), /plain type/],
    ['complex numbers', file(header('<c8', '1,'), new Uint8Array(8)), /type c8/],
    ['Fortran order', file(header('|u1', '2, 2', 'True'), new Uint8Array(4)), /ascontiguousarray/],
    ['a cut body', file(header('<f4', '3,'), new Uint8Array(8)), /cut off/],
    ['an absurd shape', file(header('<f4', '99999999999, 99999999999'), new Uint8Array(8)), /cut off/],
    [
      'an endless header',
      file(' '.repeat(20), new Uint8Array(0)).fill(0xff, 8, 10),
      /ends inside its header/,
    ],
    ['another file', new TextEncoder().encode('hello, this is text'), /does not begin/],
    [
      'code in the header',
      file(
        "{'descr': __import__('os').system('true'), 'fortran_order': False, 'shape': (1,)}",
        new Uint8Array(1),
      ),
      /plain type/,
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => parseNpy(bytes, { name: 'x.npy' })).toThrowError(OutlierExposureError);
    expect(() => parseNpy(bytes, { name: 'x.npy' })).toThrowError(message);
  });

  it('gives a result or a sentence for any damage', () => {
    const whole = encodeNpy(
      Float32Array.from({ length: 24 }, (_, i) => i),
      [4, 6],
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 12 }),
        fc.nat(whole.length),
        (changes, length) => {
          const bytes = whole.slice();
          for (const [at, value] of changes) bytes[at] = value;
          try {
            const { data } = parseNpy(bytes.subarray(0, length));
            expect(data.byteLength).toBeLessThanOrEqual(length);
          } catch (error) {
            expect(error).toBeInstanceOf(OutlierExposureError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
