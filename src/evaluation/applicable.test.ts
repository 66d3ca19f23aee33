import { describe, expect, it } from 'vitest';
import { detectors, rectifiers } from '../detectors/index.ts';
import { convNet, withConfidenceBranch } from '../nn/index.ts';
import { createModel, Graph, type Model } from '../onnx/index.ts';
import { applicableDetectors } from './index.ts';

const plain = convNet({ seed: 1 });
const branched = withConfidenceBranch(plain, { seed: 1 });

/** Its logits come out of no linear layer. */
function headless(): Model {
  const graph = new Graph('pooled');
  const x = graph.addInput('x', 'float32', ['n', 3, 4, 4]);
  graph.addOutput(graph.add('Flatten', [graph.add('GlobalAveragePool', [x])], { axis: 1 }));
  return createModel(graph);
}

function named(models: readonly Model[], options: { fits?: boolean; examples?: 'images' | 'texts' } = {}) {
  const { detectors: found, skipped } = applicableDetectors(models, {
    fits: options.fits ?? true,
    examples: options.examples ?? 'images',
  });
  return {
    names: found.map(({ name }) => name),
    reasons: Object.fromEntries(skipped.map(({ detector, reason }) => [detector, reason])),
  };
}

describe('applicableDetectors', () => {
  it('takes or leaves every detector once, and every rectifier with its score', () => {
    for (const models of [[plain], [branched], [headless()], [plain, branched]]) {
      const { names, reasons } = named(models, { fits: false });
      expect([...names, ...Object.keys(reasons)].sort()).toEqual(
        [...detectors.map(({ name }) => name), ...rectifiers.map(({ name }) => `${name}+energy`)].sort(),
      );
    }
  });

  it('asks for outputs that all of the models have', () => {
    expect(named([branched]).names).toContain('confidence');
    expect(named([plain]).reasons.confidence).toBe('needs confidence, which the model does not have');
    expect(named([branched, plain]).reasons.confidence).toBe(
      'needs confidence, which one of the models does not have',
    );
    expect(named([headless()]).reasons).toMatchObject({
      knn: 'needs features, which the model does not have',
      gradnorm: 'needs features, which the model does not have',
      'ash-s+energy': expect.stringMatching(/^needs (features|head), /),
    });
    expect(named([headless()]).names).toEqual(expect.arrayContaining(['msp', 'energy', 'openmax', 'odin']));
  });

  it('leaves out what learns where there is nothing to learn from', () => {
    const [without, given] = [named([plain], { fits: false }), named([plain])];
    for (const name of ['knn', 'temperature', 'react+energy']) {
      expect(without.reasons[name]).toMatch(/^learns from in-distribution training data/);
      expect(given.names).toContain(name);
    }
    expect(without.names).toContain('scale+energy');
  });

  it('leaves out, for texts, what changes models of images', () => {
    expect(named([plain], { examples: 'texts' }).reasons.odin).toMatch(/^changes models of images/);
    expect(named([plain]).names).toContain('odin');
  });
});
