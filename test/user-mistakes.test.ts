/** What users get wrong with their own data: always a sentence, exit code 2, and nothing half-written. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTokenizer, createVocabulary, withTokenizer } from '../src/data/index.ts';
import { gruClassifier } from '../src/nn/index.ts';
import { createModel, float32, Graph, writeModel } from '../src/onnx/index.ts';
import {
  expectSentence,
  file,
  folder,
  images,
  removeFolder,
  run,
  SIDE,
  small,
  writeBars,
  writeNoise,
} from './user-files.ts';

describe('what cannot be', () => {
  const out = ['--out', 'no.onnx'];
  const dedup = ['data', 'dedup', '--outliers', 'noise.npy', '--against', 'other.npy', '--out', 'no.onnx'];
  beforeAll(() => {
    writeBars('train', 200, 1);
    writeBars('test', 60, 2);
    writeNoise('noise', 90, 3);
    writeNoise('other', 40, 4);
    const graph = new Graph('map');
    graph.addOutput(graph.add('Relu', [graph.addInput('x', 'float32', ['n', 3, SIDE, SIDE])]), {
      elementType: 'float32',
      shape: ['n', 3, SIDE, SIDE],
    });
    writeFileSync(file('map.onnx'), writeModel(createModel(graph)));
    const two = new Graph('two');
    const x = two.addInput('x', 'float32', ['n', 3, SIDE, SIDE]);
    const weight = two.addInitializer(
      'w',
      float32(new Float32Array(2 * SIDE * SIDE * 3), [2, SIDE * SIDE * 3]),
    );
    two.addOutput(two.add('Gemm', [two.add('Flatten', [x], { axis: 1 }), weight], { transB: 1 }), {
      elementType: 'float32',
      shape: ['n', 2],
    });
    writeFileSync(file('two.onnx'), writeModel(createModel(two)));
    const flat = new Graph('flat');
    const means = flat.add('GlobalAveragePool', [flat.addInput('x', 'float32', ['n', 3, SIDE, SIDE])]);
    flat.addOutput(flat.add('Flatten', [means], {}, { name: 'means' }), {
      elementType: 'float32',
      shape: ['n', 3],
    });
    writeFileSync(file('flat.onnx'), writeModel(createModel(flat)));
    const five = new Graph('five');
    const channels = five.addInput('x', 'float32', ['n', 5, SIDE, SIDE]);
    five.addOutput(five.add('Relu', [channels], {}, { name: 'y' }));
    writeFileSync(file('five.onnx'), writeModel(createModel(five)));
    const tokenizer = createTokenizer({ vocabulary: createVocabulary(['word']) });
    const gru = gruClassifier({ seed: 1, vocabulary: 3, classes: 2, embedding: 2, hidden: 2 });
    writeFileSync(file('words.onnx'), writeModel(withTokenizer(gru, tokenizer)));
    writeFileSync(file('typo.yaml'), 'arch: convnet\nepoch: 3\n');
    writeFileSync(file('plain'), '');
    mkdirSync(file('is-a-folder'));
  });

  afterAll(removeFolder);

  it.each<[string, string[], (string | RegExp)[]]>([
    [
      'no labels',
      ['train', ...small, '--in', 'train.npy', ...out],
      ['"train.npy" has no labels', '--labels'],
    ],
    [
      'labels of another set',
      ['train', ...small, '--in', 'train.npy', '--labels', 'test-labels.npy', ...out],
      ['200', '60'],
    ],
    [
      'too few images',
      ['train', ...small, ...images, '--batch', '500', ...out],
      [/200 images, fewer than the 500 of one batch/],
    ],
    [
      'too few outliers',
      ['train', ...small, ...images, '--outliers', 'noise.npy', ...out],
      [/90 images, fewer than the 256/],
    ],
    [
      'an unknown network',
      ['train', ...images, '--arch', 'wrm-10-1', ...out],
      [/no architecture "wrm-10-1"; did you mean wrn-/],
    ],
    [
      'outliers that are training examples, refused',
      ['train', ...small, ...images, '--outliers', 'train.npy', '--strict', ...out],
      [
        '200 of the 200 examples of "train.npy" (outliers for training) are in "train.npy" (in-distribution train)',
      ],
    ],
    ['nothing to train', ['train', ...images, ...out], [/oe train needs --arch/]],
    [
      'no place to write',
      ['train', ...small, ...images, '--out', 'plain/m.onnx'],
      [/plain cannot be written to/],
    ],
    [
      'a folder to write to',
      ['train', ...small, ...images, '--out', 'is-a-folder'],
      [/is-a-folder is a folder/],
    ],
    ['data that are not there', ['train', ...small, '--in', 'nothing.npy', ...out], [/nothing\.npy/]],
    [
      'a share of nothing',
      ['train', ...small, ...images, '--validation-split', '0.001', ...out],
      [/0\.001 of the 200 examples .* none/],
    ],
    [
      'a share of more than all',
      ['train', ...small, ...images, '--validation-split', '2', ...out],
      [/--validation-split.*number from 0 to below 1/s],
    ],
    [
      'an unknown setting',
      ['train', '--config', 'typo.yaml', ...out],
      [/typo\.yaml:2: "epoch" is no setting; did you mean "epochs"/],
    ],
    [
      'an unknown choice',
      ['train', ...small, ...images, '--augment', 'flop', ...out],
      [/none, flip, crop, crop-flip/],
    ],
    [
      'means for other channels',
      ['train', ...small, ...images, '--mean', '0.5', '--std', '1', ...out],
      [/3 channels .* 3 means/],
    ],
    [
      'no outliers to tune with',
      ['tune', '--model', 'two.onnx', ...images, ...out],
      [/oe tune needs --outliers/],
    ],
    [
      'more labels than logits',
      ['tune', '--model', 'two.onnx', ...images, '--outliers', 'noise.npy', ...out],
      [/label 2, but the model's 2 classes/],
    ],
    [
      'a model that is none',
      ['tune', '--model', 'train.npy', ...images, '--outliers', 'noise.npy', ...out],
      [/train\.npy is not a readable ONNX model/],
    ],
    [
      'a model without logits',
      ['score', '--model', 'map.onnx', '--data', 'noise.npy'],
      [/map\.onnx gives no logits: .* \[n, 3, 12, 12\]/],
    ],
    [
      'an unknown detector',
      ['score', '--model', 'two.onnx', '--data', 'noise.npy', '--detector', 'mps'],
      [/did you mean "msp"/],
    ],
    [
      'eval: labels missing',
      ['eval', '--model', 'two.onnx', '--in', 'noise.npy', '--ood', 'other.npy'],
      [/"noise\.npy" has no labels/],
    ],
    [
      'eval: more labels than logits',
      [
        'eval',
        '--model',
        'two.onnx',
        '--in',
        'test.npy',
        '--labels',
        'test-labels.npy',
        '--ood',
        'other.npy',
      ],
      [/label 2, but the 2 classes of two\.onnx/],
    ],
    [
      'eval: a name twice',
      ['eval', '--model', 'two.onnx', '--in', 'test.npy', '--ood', 'a=noise.npy', 'a=other.npy'],
      [/Two sets of outliers are named "a"/],
    ],
    [
      'eval: a name that is taken',
      ['eval', '--model', 'two.onnx', '--in', 'test.npy', '--ood', 'mean=noise.npy'],
      [/cannot be named "mean"/],
    ],
    [
      'dedup: a model without features',
      [...dedup, '--model', 'flat.onnx'],
      [/flat\.onnx has no last linear layer .*--features, such as its output "means"/],
    ],
    [
      'dedup: a value that the model lacks',
      [...dedup, '--model', 'map.onnx', '--features', 'Relus'],
      [/no value "Relus" .*did you mean "Relu"/],
    ],
    [
      'dedup: a model of texts',
      [...dedup, '--model', 'words.onnx'],
      [/words\.onnx takes texts, but the sets hold images/],
    ],
    [
      'dedup: other channels',
      [...dedup, '--model', 'five.onnx', '--features', 'y'],
      [/images of 3 channels, from which none of 5 can be made/],
    ],
    [
      'dedup: nothing to compare with',
      ['data', 'dedup', '--outliers', 'noise.npy', '--model', 'two.onnx'],
      [/nothing to compare the outliers with/],
    ],
    ['dedup: no model', [...dedup, '--alike', '0.9'], [/--alike says how a model compares/]],
  ])('%s: a sentence', { timeout: 60_000 }, async (_, args, parts) => {
    expectSentence(await run(args), ...parts);
    expect(existsSync(file('no.onnx')) || existsSync(file('no.onnx.checkpoints'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
