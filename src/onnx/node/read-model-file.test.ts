import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { ModelProtoSchema, StringStringEntryProtoSchema, TensorProto_DataLocation } from 'onnx-buf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OutlierExposureError } from '../../errors.ts';
import { createModel, Graph } from '../graph.ts';
import { readModel } from '../read.ts';
import { float32 } from '../tensor.ts';
import { writeModel } from '../write.ts';
import { readModelFile } from './index.ts';

let folder: string;
const VALUES = Float32Array.of(1, 2, 3, 4, 5, 6);
beforeAll(() => {
  const root = mkdtempSync(join(tmpdir(), 'external-'));
  folder = join(root, 'models');
  mkdirSync(join(folder, 'weights'), { recursive: true });
  const bytes = new Uint8Array(8 + VALUES.byteLength);
  bytes.set(new Uint8Array(VALUES.buffer), 8);
  writeFileSync(join(folder, 'weights', 'w.bin'), bytes);
  writeFileSync(join(root, 'secret.bin'), bytes);
  symlinkSync(join(root, 'secret.bin'), join(folder, 'link.bin'));
});
afterAll(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

/** The bytes of a model whose w [2, 3] lies in another file, with the entries given. */
function external(entries: Record<string, string>, dims = [2, 3]): Uint8Array {
  const graph = new Graph();
  graph.addInitializer('w', float32(VALUES, [2, 3]));
  graph.addOutput('w');
  const proto = fromBinary(ModelProtoSchema, writeModel(createModel(graph)));
  const [tensor] = proto.graph!.initializer;
  tensor!.rawData = new Uint8Array();
  tensor!.dims = dims.map(BigInt);
  tensor!.dataLocation = TensorProto_DataLocation.EXTERNAL;
  tensor!.externalData = Object.entries(entries).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  );
  return toBinary(ModelProtoSchema, proto);
}

let count = 0;
function written(bytes: Uint8Array): string {
  const path = join(folder, `model-${count++}.onnx`);
  writeFileSync(path, bytes);
  return path;
}

describe('weights beside a model', () => {
  it('are read from their place', async () => {
    const { model, sha256 } = await readModelFile(
      written(external({ location: 'weights/w.bin', offset: '8', length: '24' })),
    );
    expect(model.graph.initializers.get('w')).toEqual(float32(VALUES, [2, 3]));
    const other = await readModelFile(written(external({ location: 'weights/w.bin' })));
    expect(other.sha256).not.toBe(sha256);
    // Written anew, they are inside.
    expect(readModel(writeModel(model)).graph.initializers.get('w')).toEqual(float32(VALUES, [2, 3]));
  });

  it.each([
    ['../secret.bin', 'is not inside its own folder'],
    ['weights/../../secret.bin', 'is not inside its own folder'],
    ['/etc/hostname', 'is not inside its own folder'],
    ['link.bin', 'is not inside its own folder'],
    ['.', 'is not inside its own folder'],
    ['none.bin', 'no such file'],
    ['weights', 'which has 0'],
  ])('are not read from %s', async (location, sentence) => {
    const reading = readModelFile(written(external({ location })));
    await expect(reading).rejects.toThrow(OutlierExposureError);
    await expect(reading).rejects.toThrow(sentence);
  });

  it.each([
    [{ location: 'weights/w.bin', offset: '9' }, undefined, 'takes bytes 9 to 33'],
    [{ location: 'weights/w.bin', length: '20' }, undefined, 'needs 24 bytes, but takes 20'],
    [{ location: 'weights/w.bin', offset: '-1' }, undefined, 'has the offset "-1"'],
    [{ offset: '0' }, undefined, 'does not say in which'],
    // Nothing of that size is asked for.
    [{ location: 'weights/w.bin' }, [2 ** 40, 4], 'to 17592186044416'],
    [{ location: 'weights/w.bin' }, [2 ** 60, 2 ** 60], 'the impossible shape'],
    [{ location: 'weights/w.bin' }, [-1, 3], 'the impossible shape'],
  ])('%j %j: %s', async (entries, dims, sentence) => {
    const bytes = external(entries as Record<string, string>, dims);
    await expect(readModelFile(written(bytes))).rejects.toThrow(sentence);
  });

  it('need a reader: bytes alone do not tell', () => {
    expect(() => readModel(external({ location: 'weights/w.bin' }))).toThrow(
      'keeps its values in another file',
    );
  });

  it('fail with a sentence, or not at all, whatever the bytes', () => {
    const bytes = external({ location: 'weights/w.bin', offset: '8', length: '24' });
    const readExternal = (_: string, offset: number, length: number) => {
      if (offset + length > 1000) throw new OutlierExposureError('invalid-file', 'beyond the end');
      return new Uint8Array(length);
    };
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), (at, value, cut) => {
        const changed = cut ? bytes.slice(0, at) : bytes.map((byte, i) => (i === at ? value : byte));
        try {
          readModel(changed, { readExternal });
        } catch (error) {
          expect(error).toBeInstanceOf(OutlierExposureError);
        }
      }),
      { seed: 20_181_211, numRuns: 500 },
    );
  });
});
