/** `oe inspect`, and `oe tune` on models that PyTorch exported, as processes. */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Inspection } from '../src/classifier/index.ts';
import { dataTypeOf, type Model, readModel, type TensorData, writeModel } from '../src/onnx/index.ts';
import { narrowed } from '../src/onnx/upgrade/halves.ts';
import { expectSentence, file, images, removeFolder, run, writeBars, writeNoise } from './user-files.ts';

const fixture = (name: string) => new URL(`fixtures/exported/${name}.onnx`, import.meta.url);
const model = (name: string) => readModel(readFileSync(file(name)));

const tuning = [
  ...images,
  ...['--outliers', 'noise.npy', '--epochs', '1', '--batch', '20', '--outlier-batch', '20'],
  ...['--learning-rate', '0.05', '--threads', '1', '--quiet'],
];

/** Everything but the numbers in the weights. */
function form({ graph, opsets }: Model) {
  return {
    opsets,
    inputs: graph.inputs,
    outputs: graph.outputs,
    nodes: graph.nodes,
    weights: [...graph.initializers].map(([name, { elementType, shape }]) => [name, elementType, shape]),
  };
}

function changed(before: Model, after: Model): string[] {
  const bytes = ({ data }: TensorData) => {
    const { buffer, byteOffset, byteLength } = data as Float32Array;
    return Buffer.from(buffer, byteOffset, byteLength).toString('hex');
  };
  return [...before.graph.initializers].flatMap(([name, tensor]) =>
    bytes(tensor) === bytes(after.graph.initializers.get(name)!) ? [] : [name],
  );
}

/** The model with its weights and all that is between its ends in half precision. */
function inHalves(given: Model): Model {
  const { graph } = given;
  const [[input], [output]] = [[...graph.inputs.keys()], [...graph.outputs.keys()]] as [[string], [string]];
  for (const node of graph.nodes) {
    node.inputs = node.inputs.map((name) => (name === input ? 'half input' : name));
    node.outputs = node.outputs.map((name) => (name === output ? 'half output' : name));
  }
  for (const [name, tensor] of graph.initializers) graph.initializers.set(name, narrowed(tensor, 'float16'));
  const cast = (from: string, to: string, type: 'float16' | 'float32') => ({
    op: 'Cast',
    domain: '',
    name: `to ${type}`,
    inputs: [from],
    outputs: [to],
    attributes: { to: dataTypeOf(type) },
  });
  graph.nodes = [
    cast(input, 'half input', 'float16'),
    ...graph.nodes,
    cast('half output', output, 'float32'),
  ];
  return given;
}

const NAMES = Array.from('abcdefghij');

beforeAll(async () => {
  writeBars('train', 80, 1);
  writeNoise('noise', 60, 3);
  for (const name of ['mobilenet-v3-13', 'mobilenet-v2-9', 'vit-11', 'distilbert-14'])
    copyFileSync(fixture(name), file(`${name}.onnx`));
  writeFileSync(file('half.onnx'), writeModel(inHalves(readModel(readFileSync(fixture('vgg-17'))))));
  writeFileSync(file('names.txt'), `${NAMES.join('\n')}\n`);
  const declared = ['--mean', '0.5', '--std', '0.25', '--classes', 'names.txt', '--out', 'declared.onnx'];
  const { code, stderr } = await run(['declare', 'mobilenet-v3-13.onnx', ...declared]);
  expect([code, stderr]).toEqual([0, '']);
});
afterAll(removeFolder);

describe('oe tune', () => {
  it.each(['mobilenet-v2-9', 'declared', 'vit-11', 'half'])(
    'takes %s, and gives it back with other weights',
    { timeout: 60_000 },
    async (name) => {
      const { code, stderr } = await run([
        'tune',
        '--model',
        `${name}.onnx`,
        ...tuning,
        '--out',
        `tuned-${name}.onnx`,
      ]);
      expect([code, stderr]).toEqual([0, '']);
      const [before, after] = [model(`${name}.onnx`), model(`tuned-${name}.onnx`)];
      expect(form(after)).toEqual(form(before));
      expect(after.metadata).toEqual(before.metadata);
      expect(changed(before, after).length).toBeGreaterThan(before.graph.initializers.size / 2);
      const scored = await run([
        'score',
        '--model',
        `tuned-${name}.onnx`,
        '--data',
        'noise.npy',
        '--threads',
        '1',
      ]);
      expect(scored.code).toBe(0);
      expect(scored.stdout.trim().split('\n')).toHaveLength(60);
    },
  );

  it('leaves what is frozen as it is, averages included', { timeout: 60_000 }, async () => {
    const frozen = ['--freeze', 'features.*', '--out', 'frozen.onnx'];
    const { code } = await run(['tune', '--model', 'mobilenet-v3-13.onnx', ...tuning, ...frozen]);
    expect(code).toBe(0);
    const names = changed(model('mobilenet-v3-13.onnx'), model('frozen.onnx'));
    expect(names.sort()).toEqual([
      'classifier.0.bias',
      'classifier.0.weight',
      'classifier.3.bias',
      'classifier.3.weight',
    ]);
  });

  it('says when a pattern freezes nothing', async () => {
    const ended = await run([
      'tune',
      '--model',
      'mobilenet-v3-13.onnx',
      ...tuning,
      '--freeze',
      'clasifier.*',
      '--out',
      'x.onnx',
    ]);
    expectSentence(ended, 'Nothing is frozen by "clasifier');
  });
});

describe('oe declare', () => {
  it('writes what pixels are, and leaves the graph as it is', async () => {
    const [given, declared] = [model('mobilenet-v3-13.onnx'), model('declared.onnx')];
    expect(form(declared)).toEqual(form(given));
    expect(changed(given, declared)).toEqual([]);
    expect(Object.fromEntries(declared.metadata)).toEqual({
      preprocessing: '{"mean":[0.5],"std":[0.25]}',
      classes: JSON.stringify(NAMES),
    });
    const scores = async (name: string) =>
      (await run(['score', '--model', name, '--data', 'noise.npy', '--threads', '1'])).stdout;
    expect(await scores('declared.onnx')).not.toBe(await scores('mobilenet-v3-13.onnx'));
    const { stdout } = await run(['declare', 'declared.onnx', '--clear', '--out', 'cleared.onnx']);
    expect(stdout).toBe('Written to cleared.onnx: it takes pixels from 0 to 1 as they are.\n');
    expect(readFileSync(file('cleared.onnx')).equals(Buffer.from(writeModel(given)))).toBe(true);
  });
  it('says what does not fit', async () => {
    const declare = (...flags: string[]) =>
      run(['declare', 'mobilenet-v3-13.onnx', ...flags, '--out', 'no.onnx']);
    expectSentence(await declare(), 'Nothing is declared', '--mean');
    expectSentence(await declare('--mean', '1,2'), '2 numbers, but the model has 3 channels');
    writeFileSync(file('two.txt'), 'a\nb\n');
    expectSentence(await declare('--classes', 'two.txt'), 'two.txt names 2 classes');
    writeFileSync(file('gap.txt'), 'a\n\nb\n');
    expectSentence(await declare('--classes', 'gap.txt'), 'no name for class 1');
    expect(existsSync(file('no.onnx'))).toBe(false);
  });
});

describe('oe inspect', () => {
  it('prints what a model is, and its parameters', async () => {
    const { code, stdout } = await run(['inspect', 'mobilenet-v2-9.onnx', '--parameters']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/operator set +9\n/);
    expect(stdout).toMatch(/BatchNormalization .* 8 .* rule/);
    expect(stdout).toMatch(/oe tune +yes/);
    expect(stdout).toContain('features.0.0.weight  float32 [8, 3, 3, 3]');
  });
  it('prints JSON', async () => {
    const { stdout } = await run(['inspect', 'distilbert-14.onnx', '--json']);
    const found = JSON.parse(stdout) as Inspection & { sha256: string };
    expect(found.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(found.inputs).toEqual([{ name: 'input', elementType: 'int64', shape: ['batch', 'time'] }]);
  });
  it('shows two examples, and refuses what is no model', async () => {
    const { stdout } = await run(['inspect', '--help']);
    expect(stdout.match(/\$ oe /g)!.length).toBeGreaterThanOrEqual(2);
    expectSentence(await run(['inspect', 'train.npy']), 'not a readable ONNX model');
    expectSentence(await run(['inspect', 'none.onnx']), 'no such file');
  });
});
