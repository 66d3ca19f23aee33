/** Files that PyTorch saved (test/fixtures/checkpoints.py), damaged ones, and hostile ones. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { OutlierExposureError } from '../../errors.ts';
import { float32, type TensorData, writeSafetensors } from '../../onnx/index.ts';
import { toFloat32 } from '../index.ts';
import { parseCheckpoint, readCheckpoint } from './index.ts';

const fixture = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/checkpoints.json', import.meta.url), 'utf8'),
) as {
  files: Record<string, string>;
  expected: Record<string, { type: string; shape: number[]; values: string[] }>;
};
const file = (name: string) => Uint8Array.from(Buffer.from(fixture.files[name]!, 'base64'));
const numbers = (tensor: TensorData) => [...(toFloat32(tensor).data as Float32Array)];
/** Python writes the names of what is not finite in lower case. */
const fromPython = (text: string) => Number(text.replace('inf', 'Infinity').replace('nan', 'NaN'));

describe('files that PyTorch saved', () => {
  it.each(['zip', 'legacy', 'zip protocol 4'])('%s: every tensor, in its type and shape', async (name) => {
    const weights = await parseCheckpoint(file(name));
    expect([...weights.keys()].sort()).toEqual(Object.keys(fixture.expected).sort());
    for (const [key, { type, shape, values }] of Object.entries(fixture.expected)) {
      const tensor = weights.get(key)!;
      expect(`torch.${tensor.elementType}`, key).toBe(type);
      expect(tensor.shape, key).toEqual(shape);
      expect(numbers(tensor), key).toEqual(values.map(fromPython).map(Math.fround));
    }
  });

  it.each(['zip bare', 'legacy bare'])('%s: a state_dict alone', async (name) => {
    const weights = await parseCheckpoint(file(name));
    expect([...weights].map(([key, { shape }]) => [key, shape])).toEqual([
      ['weight', [1, 2]],
      ['bias', [1]],
    ]);
  });

  it('reads from where the file begins in a larger buffer', async () => {
    for (const name of ['zip', 'legacy']) {
      const bytes = file(name);
      const larger = new Uint8Array(bytes.length + 5);
      larger.set(bytes, 3);
      const weights = await parseCheckpoint(larger.subarray(3, 3 + bytes.length));
      expect(numbers(weights.get('parameter.bias')!)).toEqual([0.5, -2]);
    }
  });

  it.each([
    ['zip module', 'unsupported', /"torch\.nn\.modules\.linear\.Linear".*model\.state_dict\(\)/],
    ['legacy module', 'unsupported', /"torch\.nn\.modules\.linear\.Linear".*nothing in them is executed/],
    ['zip list', 'invalid-file', /holds no parameters by name/],
    ['script', 'unsupported', /TorchScript/],
  ])('%s: refused, in a sentence', async (name, code, sentence) => {
    const refused = parseCheckpoint(file(name), { name: 'net.pt' });
    await expect(refused).rejects.toMatchObject({ code, message: expect.stringMatching(sentence) });
    await expect(refused).rejects.toThrowError(/^net\.pt /);
  });
});

describe('a zip file', () => {
  const signature = (bytes: Uint8Array, at: number, ...kind: number[]) =>
    [0x50, 0x4b, ...kind].every((byte, i) => bytes[at + i] === byte);

  it('whose entries are compressed is refused', async () => {
    const bytes = file('zip bare');
    for (let at = 0; at < bytes.length - 12; at++) if (signature(bytes, at, 1, 2)) bytes[at + 10] = 8;
    await expect(parseCheckpoint(bytes)).rejects.toThrowError(/compressed zip file/);
  });

  it('of something else is refused', async () => {
    const bytes = file('zip bare');
    for (let at = 0; at < bytes.length - 8; at++)
      if (Buffer.from(bytes.buffer, at, 8).toString() === 'data.pkl') bytes[at] = 0x44;
    await expect(parseCheckpoint(bytes)).rejects.toThrowError(/zip file without a data\.pkl/);
  });
});

describe('safetensors', () => {
  it('drops wrappers from names, and what batch normalization counts', async () => {
    const one = float32([1], [1]);
    const tensors = {
      'module._orig_mod.fc.weight': one,
      'module._orig_mod.fc.bias': one,
      'module._orig_mod.bn.num_batches_tracked': one,
    };
    const weights = await parseCheckpoint(writeSafetensors({ tensors, metadata: {} }));
    expect([...weights.keys()].sort()).toEqual(['fc.bias', 'fc.weight']);
  });

  it('keeps a prefix that not all names have', async () => {
    const one = float32([1], [1]);
    const tensors = { 'module.weight': one, weight: one };
    const weights = await parseCheckpoint(writeSafetensors({ tensors, metadata: {} }));
    expect([...weights.keys()].sort()).toEqual(['module.weight', 'weight']);
  });
});

describe('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oe-weights-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are told apart by content, whatever their names', async () => {
    const path = join(folder, 'weights.safetensors');
    writeFileSync(path, file('legacy bare'));
    expect((await readCheckpoint(path)).size).toBe(2);
  });

  it('that are something else, or not there, are named', async () => {
    const path = join(folder, 'text.pt');
    writeFileSync(path, 'hello, this is no checkpoint');
    await expect(readCheckpoint(path)).rejects.toThrowError(/text\.pt is not a file of weights/);
    await expect(readCheckpoint(join(folder, 'none.pt'))).rejects.toMatchObject({ code: 'not-found' });
    await expect(parseCheckpoint(new Uint8Array(0))).rejects.toMatchObject({ code: 'invalid-file' });
  });
});

describe('damaged files', () => {
  const bytesOf = (tensor: TensorData) => (tensor.data as Float32Array).byteLength;

  it.each(['zip', 'legacy', 'zip protocol 4', 'legacy module', 'script'])(
    '%s: a result of a size that fits the file, or a sentence',
    { timeout: 60_000 },
    async (name) => {
      const whole = file(name);
      let read = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }),
          fc.oneof(fc.constant(whole.length), fc.nat(whole.length)),
          async (changes, length) => {
            const bytes = whole.slice();
            for (const [at, value] of changes) bytes[at] = value;
            try {
              const weights = await parseCheckpoint(bytes.slice(0, length));
              const total = [...weights.values()].reduce((sum, tensor) => sum + bytesOf(tensor), 0);
              expect(total).toBeLessThanOrEqual(4 * whole.length);
              read++;
            } catch (error) {
              expect(error).toBeInstanceOf(OutlierExposureError);
            }
          },
        ),
        { numRuns: 1500 },
      );
      // Changes to values leave a file readable: the property has seen both ends.
      if (!/module|script/.test(name)) expect(read).toBeGreaterThan(0);
    },
  );

  it('gives a sentence for every place to cut', async () => {
    for (const name of ['zip bare', 'legacy bare']) {
      const whole = file(name);
      for (let length = 0; length < whole.length; length++)
        await expect(parseCheckpoint(whole.slice(0, length))).rejects.toBeInstanceOf(OutlierExposureError);
    }
  });
});
