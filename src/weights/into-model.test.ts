import { describe, expect, it } from 'vitest';
import { buildNetwork, cifarResNet, convNet, resNet18 } from '../nn/index.ts';
import { float32, float64, type Model, type TensorData, writeModel } from '../onnx/index.ts';
import { intoModel, networkFromWeights, toFloat32 } from './index.ts';

/** What a network's file of weights would hold. */
const weightsOf = (model: Model) =>
  new Map<string, TensorData>(
    [...model.graph.initializers].filter(
      ([, { elementType, shape }]) => elementType === 'float32' && shape.length > 0,
    ),
  );

describe('intoModel', () => {
  it('replaces every parameter and nothing else', () => {
    const [one, two] = [convNet({ seed: 1 }), convNet({ seed: 2 })];
    const before = writeModel(one);
    expect(writeModel(intoModel(one, weightsOf(two)))).toEqual(writeModel(two));
    expect(writeModel(one)).toEqual(before);
  });

  it('makes other number types float32', () => {
    const model = convNet({ seed: 1 });
    const weights = weightsOf(model);
    weights.set('fc2.bias', float64([1, 2, 3, 4, 5, 6, 7, 8, 9, 1e300], [10]));
    expect(intoModel(model, weights).graph.initializers.get('fc2.bias')).toEqual(
      float32([1, 2, 3, 4, 5, 6, 7, 8, 9, Number.POSITIVE_INFINITY], [10]),
    );
  });

  it('lists what does not fit', () => {
    const model = convNet({ seed: 1 });
    const weights = weightsOf(model);
    weights.delete('fc2.bias');
    weights.set('fc3.bias', float32([1], [1]));
    weights.set('conv1.weight', float32(new Float32Array(90), [10, 1, 3, 3]));
    expect(() => intoModel(model, weights)).toThrowError(
      'The weights do not fit the network convnet, which has 8 parameters: 1 is missing: fc2.bias (perhaps fc3.bias); ' +
        '1 is unexpected: fc3.bias; 1 is of another shape: conv1.weight ([10, 1, 3, 3] in place of [10, 1, 5, 5]). ' +
        'Choose the architecture and the sizes that they were trained in.',
    );
    expect(() => intoModel(model, new Map())).toThrowError(
      /8 are missing: conv1.weight, conv1.bias, conv2.weight and 5 more/,
    );
  });
});

describe('networkFromWeights', () => {
  it('takes channels, classes and the stem from the weights', () => {
    const gray = networkFromWeights(
      'resnet-20',
      weightsOf(cifarResNet({ seed: 3, classes: 7, channels: 1 })),
      { side: 28 },
    );
    expect(gray.graph.inputs.get('pixels')!.shape).toEqual(['batch', 1, 28, 28]);
    expect(gray.graph.outputs.get('logits')!.shape).toEqual(['batch', 7]);
    const weights = weightsOf(resNet18({ seed: 1, stem: 'imagenet', side: 32 }));
    const sideOf = () => networkFromWeights('resnet-18', weights).graph.inputs.get('pixels')!.shape![2];
    const sides = [sideOf()];
    weights.set('conv1.weight', float32(new Float32Array(64 * 27), [64, 3, 3, 3]));
    sides.push(sideOf());
    expect(sides).toEqual([224, 32]);
  });

  it('says which architecture the weights fit', () => {
    const weights = weightsOf(buildNetwork('wrn-16-4', { seed: 1, classes: 100 }));
    expect(() => networkFromWeights('wrn-40-2', weights)).toThrowError(
      /They fit wrn-16-4 with 100 classes and images of 3 × 32 × 32\.$/,
    );
    expect(() => networkFromWeights('convnet', weightsOf(convNet({ seed: 1 })), { side: 32 })).toThrowError(
      /They fit convnet with 10 classes and images of 1 × 28 × 28\.$/,
    );
    expect(() => networkFromWeights('wrn-40-2', new Map([['x', float32([1], [1])]]))).toThrowError(
      /sizes that they were trained in\.$/,
    );
  });

  it('builds nothing by what an empty tensor claims', () => {
    const weights = new Map([
      ['conv1.weight', float32([], [0, 2 ** 40, 5, 5])],
      ['fc2.weight', float32([], [2 ** 40, 0])],
    ]);
    expect(() => networkFromWeights('convnet', weights)).toThrowError(/do not fit the network convnet/);
  });
});

describe('toFloat32', () => {
  it('reads halves bit by bit', () => {
    const values = (elementType: 'float16' | 'bfloat16', ...bits: number[]) => [
      ...(toFloat32({ elementType, shape: [bits.length], data: Uint16Array.from(bits) })
        .data as Float32Array),
    ];
    expect(values('float16', 0x3c00, 0xc000, 0x0001, 0x7bff, 0xfc00, 0x7e00)).toEqual([
      1,
      -2,
      2 ** -24,
      65504,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ]);
    expect(values('bfloat16', 0x3f80, 0xc020, 0xff80)).toEqual([1, -2.5, Number.NEGATIVE_INFINITY]);
  });

  it('refuses text', () => {
    expect(() => toFloat32({ elementType: 'string', shape: [1], data: ['a'] })).toThrowError(/strings/);
  });
});
