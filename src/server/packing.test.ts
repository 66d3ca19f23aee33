import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packItems, unpackItems } from './packing.ts';
import type { CheckItem } from './protocol.ts';

const plain = (item: CheckItem) =>
  typeof item === 'string'
    ? item
    : { kind: item.data.constructor.name, values: [...item.data], shape: [...item.shape] };
const there = (items: CheckItem[]) => unpackItems(deserialize(serialize(packItems(items))));

const image = fc
  .record({ shape: fc.constantFrom([1, 2, 2], [1, 1, 4], [3, 1, 1]), bytes: fc.boolean(), from: fc.nat(200) })
  .map(({ shape, bytes, from }): CheckItem => {
    const values = Array.from({ length: shape[0]! * shape[1]! * shape[2]! }, (_, i) => from + i);
    return { shape, data: bytes ? Uint8Array.from(values) : Float32Array.from(values) };
  });

describe('packItems', () => {
  it('brings any items over as they are', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(image, fc.string()), { minLength: 1, maxLength: 6 }), (items) => {
        expect(there(items).map(plain)).toEqual(items.map(plain));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('makes one block of images of one shape, without a copy where they lie behind one another', () => {
    const values = Float32Array.from({ length: 12 }, (_, i) => i);
    const at = (i: number): CheckItem => ({ data: values.subarray(4 * i, 4 * i + 4), shape: [1, 2, 2] });
    const lined = packItems([at(0), at(1), at(2)]);
    expect('images' in lined && lined.images.buffer).toBe(values.buffer);
    const turned = packItems([at(2), at(0)]);
    expect('images' in turned && [...turned.images]).toEqual([8, 9, 10, 11, 0, 1, 2, 3]);
    expect(there([at(2), at(0)]).map(plain)).toEqual([at(2), at(0)].map(plain));
  });
});
