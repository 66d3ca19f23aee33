/** `oe import` as a process: what it prints, what it writes, and what it refuses. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARCHITECTURES, convNet, normalizationOf, wideResNet } from '../src/nn/index.ts';
import { type Model, readModel, type TensorData, writeModel, writeSafetensors } from '../src/onnx/index.ts';
import { nodeRuntime } from '../src/runtime/index.ts';
import { runOe } from './command.ts';

const fixture = JSON.parse(readFileSync(new URL('fixtures/checkpoints.json', import.meta.url), 'utf8')) as {
  files: Record<string, string>;
};
let folder: string;
let wide: { file: string; model: Model };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oe-import-'));
  const model = wideResNet({ seed: 1, depth: 10, widen: 1, classes: 5, dropRate: 0 });
  const tensors: Record<string, TensorData> = {};
  for (const [name, tensor] of model.graph.initializers)
    if (tensor.elementType === 'float32' && tensor.shape.length > 0) tensors[`module.${name}`] = tensor;
  wide = { file: put('wide.safetensors', writeSafetensors({ tensors, metadata: {} })), model };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, data: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, data);
  return path;
}

const run = (...args: string[]) => runOe(['import', ...args]);

async function logitsOf(model: Model, pixels: Float32Array): Promise<number[]> {
  const runtime = await nodeRuntime({ threads: 1, place: 'here' });
  const session = await runtime.createSession(writeModel(model));
  const { logits } = await session.run({
    pixels: { elementType: 'float32', shape: [1, 3, 32, 32], data: pixels },
  });
  await session.release();
  await runtime.dispose();
  return [...(logits!.data as Float32Array)];
}

describe('oe import', () => {
  it('writes the network with the weights, behind its normalization', async () => {
    const out = join(folder, 'wide.onnx');
    const flags = ['--arch', 'wrn-10-1', '--mean', '0.5,0.4,0.3', '--std', '0.25,0.5,2', '--out', out];
    const { code, stdout, stderr } = await run(wide.file, ...flags);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(
      `${out}: wrn-10-1 with 77,525 parameters, pixels [batch, 3, 32, 32] to logits [batch, 5].`,
    );
    expect(stdout).toContain('mean 0.5, 0.4, 0.3 and standard deviation 0.25, 0.5, 2');
    const imported = readModel(readFileSync(out));
    expect(normalizationOf(imported)).toEqual({ mean: [0.5, 0.4, 0.3], std: [0.25, 0.5, 2] });
    expect(imported.metadata.get('imported.from')).toBe('wide.safetensors');
    const pixels = Float32Array.from({ length: 3072 }, (_, i) => ((i * 37) % 256) / 255);
    const [mean, std] = [Float32Array.of(0.5, 0.4, 0.3), [0.25, 0.5, 2]];
    const seen = pixels.map((value, i) => Math.fround(value - mean[i >> 10]!) / std[i >> 10]!);
    const [ours, theirs] = [await logitsOf(imported, pixels), await logitsOf(wide.model, seen)];
    for (const [i, logit] of theirs.entries()) expect(ours[i]).toBeCloseTo(logit, 4);
  });

  it('prints JSON', async () => {
    const out = join(folder, 'json.onnx');
    const { code, stdout } = await run(
      wide.file,
      '--arch',
      'wrn-10-1',
      '--side',
      '64',
      '--out',
      out,
      '--json',
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      architecture: 'wrn-10-1',
      parameters: 77_525,
      input: ['batch', 3, 64, 64],
      output: ['batch', 5],
      normalization: null,
      sha256: createHash('sha256').update(readFileSync(wide.file)).digest('hex'),
      out,
    });
  });

  it('shows every network and two examples in its help', async () => {
    const { code, stdout } = await run('--help');
    expect(code).toBe(0);
    expect(stdout.match(/\$ oe import /g)).toHaveLength(2);
    for (const { name, description } of ARCHITECTURES) {
      expect(stdout).toContain(name);
      expect(stdout).toContain(description);
    }
  });

  it.each<[string, () => string[], RegExp]>([
    ['a name that is not known', () => [wide.file, '--arch', 'wnr-40-2'], /did you mean wrn-40-2\?/],
    [
      'another architecture',
      () => [wide.file, '--arch', 'allconv'],
      /do not fit the network allconv.*missing/,
    ],
    [
      'other classes',
      () => [wide.file, '--arch', 'wrn-10-1', '--classes', '9'],
      /fc\.weight \(\[5, 64\] in place of \[9, 64\]\)/,
    ],
    [
      'a mean alone',
      () => [wide.file, '--arch', 'wrn-10-1', '--mean', '0,0,0'],
      /--mean and --std belong together/,
    ],
    ['a mean for gray', () => [wide.file, '--arch', 'wrn-10-1', '--mean', '0', '--std', '1'], /3 means/],
    ['no numbers', () => [wide.file, '--arch', 'wrn-10-1', '--mean', '0,,1'], /numbers with commas between/],
    [
      'no file',
      () => [join(folder, 'none.pt'), '--arch', 'convnet'],
      /none\.pt cannot be read: no such file/,
    ],
    ['a folder', () => [folder, '--arch', 'convnet'], /is a folder, but a file of weights was expected/],
    [
      'text',
      () => [put('text.pt', 'this is no checkpoint'), '--arch', 'convnet'],
      /text\.pt is not a file of weights/,
    ],
    [
      'a whole network of PyTorch',
      () => [put('module.pt', Buffer.from(fixture.files['legacy module']!, 'base64')), '--arch', 'convnet'],
      /refers to "torch\.nn\.modules\.linear\.Linear".*model\.state_dict\(\)/,
    ],
    [
      'half a file',
      () => [
        put('half.pt', Buffer.from(fixture.files.zip!, 'base64').subarray(0, 3000)),
        '--arch',
        'convnet',
      ],
      /half\.pt is not a readable PyTorch file/,
    ],
    ['no side', () => [wide.file, '--arch', 'wrn-10-1', '--side', '0'], /whole number, 1 or more/],
  ])('refuses %s in a sentence, and writes nothing', async (_, args, sentence) => {
    const out = join(folder, 'refused.onnx');
    const { code, stdout, stderr } = await run(...args(), '--out', out);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(out)).toBe(false);
  });

  it('says where it cannot write', async () => {
    const { code, stderr } = await run(
      wide.file,
      '--arch',
      'wrn-10-1',
      '--out',
      join(folder, 'no', 'x.onnx'),
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/x\.onnx cannot be written: no such file or folder/);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('leaves a gray network gray', async () => {
    const tensors = Object.fromEntries(
      [...convNet({ seed: 2, classes: 3 }).graph.initializers].filter(([, { shape }]) => shape.length > 0),
    );
    const file = put('gray.safetensors', writeSafetensors({ tensors, metadata: {} }));
    const { code, stdout } = await run(file, '--arch', 'convnet', '--out', join(folder, 'gray.onnx'));
    expect([code, stdout.includes('pixels [batch, 1, 28, 28] to logits [batch, 3]')]).toEqual([0, true]);
    expect(stdout).toContain('give --mean and --std if');
  });
});
