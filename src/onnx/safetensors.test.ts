import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutlierExposureError } from '../errors.ts';
import { readSafetensors, type SafeTensors, writeSafetensors } from './safetensors.ts';

const sample: SafeTensors = {
  tensors: {
    bytes: { elementType: 'uint8', shape: [3], data: Uint8Array.of(1, 2, 3) },
    weight: {
      elementType: 'float32',
      shape: [2, 3],
      data: Float32Array.of(1, -2, 3.5, 0, Number.POSITIVE_INFINITY, 6),
    },
    step: { elementType: 'int64', shape: [], data: BigInt64Array.of(-7n) },
    half: { elementType: 'float16', shape: [1], data: Uint16Array.of(0x3c00) },
    none: { elementType: 'float64', shape: [0, 4], data: new Float64Array(0) },
  },
  metadata: { epoch: '3', note: 'ä "quoted"' },
};

describe('safetensors', () => {
  it('reads back what it writes', () => {
    expect(readSafetensors(writeSafetensors(sample))).toEqual(sample);
  });

  it("reads from Node's pooled buffers, wherever they begin", () => {
    const bytes = writeSafetensors(sample);
    const pool = Buffer.alloc(bytes.length + 3);
    pool.set(bytes, 3);
    expect(readSafetensors(pool.subarray(3))).toEqual(sample);
  });

  it('reads a file that was put together by hand', () => {
    const header = '{"a":{"dtype":"I16","shape":[2],"data_offsets":[0,4]}}';
    const bytes = new Uint8Array(8 + header.length + 4);
    bytes[0] = header.length;
    bytes.set(new TextEncoder().encode(header), 8);
    bytes.set([1, 0, 0xff, 0xff], 8 + header.length);
    expect(readSafetensors(bytes).tensors.a).toEqual({
      elementType: 'int16',
      shape: [2],
      data: Int16Array.of(1, -1),
    });
  });

  it('is not fooled by names that objects have', () => {
    const tensors = { constructor: sample.tensors.weight! } as Record<
      string,
      (typeof sample)['tensors'][string]
    >;
    expect(Object.keys(readSafetensors(writeSafetensors({ tensors, metadata: {} })).tensors)).toEqual([
      'constructor',
    ]);
  });

  it('gives a result or a sentence for any damage', () => {
    const whole = writeSafetensors(sample);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }),
        fc.nat(whole.length),
        (changes, length) => {
          const bytes = whole.slice();
          for (const [at, value] of changes) bytes[at] = value;
          try {
            readSafetensors(bytes.subarray(0, length));
          } catch (error) {
            expect(error).toBeInstanceOf(OutlierExposureError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
