import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wideResNet } from '../nn/index.ts';
import { createModel, float32, Graph, type Model } from '../onnx/index.ts';
import { interpolateModels } from './interpolate.ts';

const network = (seed: number) => wideResNet({ seed, depth: 10, widen: 1, side: 8 });
const weights = ({ graph }: Model, name = 'conv1.weight') =>
  graph.initializers.get(name)!.data as Float32Array;

describe('interpolateModels', () => {
  const [from, to] = [network(1), network(2)];

  it('has both models, to the bit, for its ends, and leaves them as they are', () => {
    const before = weights(from).slice();
    for (const [name, { data }] of from.graph.initializers) {
      expect(weights(interpolateModels(from, to, 0), name)).toEqual(data);
      expect(weights(interpolateModels(from, to, 1), name)).toEqual(to.graph.initializers.get(name)!.data);
    }
    expect(weights(from)).toEqual(before);
  });

  it('lies on the straight line in between, running statistics too', () => {
    from.graph.initializers.set('bn1.running_var', float32(new Float32Array(64).fill(2), [64]));
    to.graph.initializers.set('bn1.running_var', float32(new Float32Array(64).fill(6), [64]));
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
        const between = interpolateModels(from, to, share);
        expect(weights(between, 'bn1.running_var')[0]).toBeCloseTo(2 + 4 * share, 5);
        const [a, b, middle] = [from, to, between].map((model) => weights(model)) as [
          Float32Array,
          Float32Array,
          Float32Array,
        ];
        for (const [i, value] of middle.entries())
          expect(value).toBeCloseTo(a[i]! + share * (b[i]! - a[i]!), 5);
      }),
      { numRuns: 10, seed: 1 },
    );
  });

  it('refuses models of other networks', () => {
    expect(() =>
      interpolateModels(network(1), wideResNet({ seed: 1, depth: 10, widen: 2, side: 8 }), 0.5),
    ).toThrowError(/Only models of one network can be mixed, but the weights "[^"]+" are \[/);
    expect(() => interpolateModels(createModel(new Graph()), to, 0.5)).toThrowError(/missing in the other/);
  });
});
