import { describe, expect, it } from 'vitest';
import { ARCHITECTURE_NAMES } from '../nn/index.ts';
import type { Runtime } from '../runtime/index.ts';
import { flagsOf } from './flags.ts';
import type { ExperimentOptions } from './options.ts';
import { planOf } from './plan.ts';
import { declarationOf, EXPERIMENTS } from './registry.ts';

const runtime = {} as Runtime;
const plan = (name: Parameters<typeof declarationOf>[0], options: Partial<ExperimentOptions> = {}) =>
  planOf(declarationOf(name), { runtime, ...options });

describe('the declarations', () => {
  it.each(EXPERIMENTS)('%s is complete', (name) => {
    const declaration = declarationOf(name);
    expect(declaration.name).toBe(name);
    expect(declaration.published(declaration.network).n).toBe(declaration.n);
    if (declaration.examples === 'texts') return expect(declaration.network).toBe('gru');
    expect(ARCHITECTURE_NAMES).toContain(declaration.network);
    expect(declaration.noiseRange).toBe(declaration.normalization ? 'symmetric' : 'unit');
    // What the network divides by has a number for each channel.
    expect(declaration.normalization?.std.length ?? declaration.shape[0]).toBe(declaration.shape[0]);
  });

  it("have the paper's settings", () => {
    const settings = (name: Parameters<typeof declarationOf>[0]) => {
      const { models, lambda, weightDecay } = declarationOf(name).training;
      const { epochs, learningRate, batch } = models['oe-tune'];
      return [epochs, learningRate, batch.outliers, lambda, weightDecay];
    };
    expect(settings('cifar10')).toEqual([10, 0.001, 256, 0.5, 5e-4]);
    expect(settings('cifar100')).toEqual(settings('cifar10'));
    expect(settings('svhn')).toEqual([5, 1e-4, 256, 0.5, 5e-4]);
    expect(settings('tiny-imagenet')).toEqual([10, 0.001, 180, 0.5, 5e-4]);
    expect(settings('places365')).toEqual([5, 1e-4, 512, 0.5, 5e-4]);
    expect(settings('mnist')).toEqual([5, 0.01, 100, 0.5, 0]);
    for (const name of ['20newsgroups', 'trec', 'sst'] as const) {
      expect(settings(name)).toEqual([2, 0.01, 64, 1, 0]);
      expect(declarationOf(name)).toMatchObject({ n: 90, outRatio: 0.2, training: { optimizer: 'adam' } });
    }
  });
});

describe('planOf', () => {
  it('makes the models that an experiment is about', () => {
    const { names, models } = plan('confidence-branch', { size: 'quick', tuneEpochs: 1 });
    expect(names).toEqual(['baseline', 'branch', 'branch-oe']);
    expect(models).toMatchObject({ branch: { epochs: 5 }, 'branch-oe': { epochs: 1 } });
    expect(plan('confidence-branch', { models: ['baseline', 'oe-tune'] }).names).toEqual([
      'baseline',
      'oe-tune',
    ]);
  });

  it('takes the paper’s settings unless told otherwise', () => {
    expect(plan('cifar10')).toMatchObject({
      size: 'full',
      names: ['baseline', 'oe-tune'],
      network: 'wrn-40-2',
      trainSize: undefined,
      models: { baseline: { epochs: 100, learningRate: 0.1 }, 'oe-tune': { epochs: 10 } },
    });
    expect(
      plan('cifar10', {
        scratch: 'with',
        network: 'allconv',
        epochs: 3,
        tuneEpochs: 2,
        trainSize: 50,
        batch: { inliers: 4, outliers: 8 },
      }),
    ).toMatchObject({
      names: ['baseline', 'oe-tune', 'oe-scratch'],
      network: 'allconv',
      trainSize: 50,
      models: {
        baseline: { epochs: 3, batch: { inliers: 4 } },
        'oe-tune': { epochs: 2 },
        'oe-scratch': { epochs: 3 },
      },
    });
  });

  it('trains no baseline that comes from a file', () => {
    const { models, names } = plan('cifar10', { from: 'weights.pt' });
    expect(names).toEqual(['baseline', 'oe-tune']);
    expect(Object.keys(models)).toEqual(['oe-tune']);
    expect(plan('cifar10', { from: 'weights.pt', models: ['baseline'] }).models).toEqual({});
  });

  it('trains branches and with generators as their papers do, or goes on from a baseline of a file', () => {
    const models = ['baseline', 'branch', 'branch-oe', 'gan', 'gan-oe'] as const;
    const anew = plan('cifar10', { models });
    expect(anew).toMatchObject({ network: 'wrn-40-4', scores: 'own' });
    expect(anew.models).toMatchObject({
      branch: { epochs: 200, learningRate: 0.1, falls: { factor: 0.2, behind: [0.3, 0.6, 0.8] } },
      'branch-oe': { epochs: 10, learningRate: 0.001, after: 'branch' },
      gan: { epochs: 100, learningRate: 2e-4, optimizer: 'adam', falls: { factor: 0.1, behind: [0.6] } },
      'gan-oe': { after: 'gan' },
    });
    expect(anew.models.branch).not.toHaveProperty('after');
    expect(anew.models.branch!.augment!.inliers!.name).toBe('crop(4)+flip+cutout(16)');
    const from = plan('cifar10', { models, network: 'resnet-20', from: 'a.pt', epochs: 2, tuneEpochs: 1 });
    expect(from.models).toMatchObject({
      branch: { epochs: 2, learningRate: 0.01, after: 'baseline' },
      'branch-oe': { epochs: 1, after: 'branch' },
      gan: { epochs: 2, optimizer: 'adam', after: 'baseline' },
    });
    expect(from.models.branch).not.toHaveProperty('falls');
    expect(plan('cifar100', { from: 'a.pt', models: ['baseline', 'gan'] })).toMatchObject({
      scores: 'same',
      models: { gan: { epochs: 10, after: 'baseline' } },
    });
    // Where nothing says how, they start anew.
    expect(plan('mnist', { from: 'a.pt', scratch: 'with' }).models['oe-scratch']).not.toHaveProperty('after');
  });

  it('knows what checkpoints of ResNets were trained with, and leaves .onnx files alone', () => {
    const own = { mean: [0, 0, 0], std: [1, 1, 1] };
    const normalization = (options: Partial<ExperimentOptions>) => plan('cifar10', options).normalization;
    expect(normalization({ network: 'resnet-20', from: 'a.safetensors' })!.mean[0]).toBe(0.485);
    expect(normalization({ network: 'resnet-20' })!.mean[0]).toBeCloseTo(125.3 / 255, 12);
    expect(normalization({ from: 'a.pt' })!.std[2]).toBeCloseTo(66.7 / 255, 12);
    expect(normalization({ from: 'a.onnx' })).toBeUndefined();
    expect(normalization({ network: 'resnet-20', from: 'a.pt', normalization: own })).toBe(own);
    expect(plan('svhn').normalization).toBeUndefined();
  });

  it.each([
    ['mistyped networks', 'cifar10', { network: 'wrn40-2' }, /did you mean wrn-40-2/],
    [
      'a model that it does not have',
      'mnist',
      { models: ['baseline', 'branch'] },
      /has no model branch: its models are/,
    ],
    [
      'a model without the one that it goes on from',
      'confidence-branch',
      { models: ['baseline', 'branch-oe'] },
      /goes on from branch, which is not among/,
    ],
    ['runs without a baseline', 'cifar10', { models: ['oe-tune'] }, /"baseline": name it too/],
    ['a baseline that the paper did not train', 'places365', {}, /trained resnet-18.*--from/],
    [
      'a scratch that the paper did not train',
      'places365',
      { from: 'a.pt', scratch: 'with' },
      /no oe-scratch.*--epochs/,
    ],
  ] as const)('refuses %s', (_, name, options, message) => {
    expect(() => plan(name, options)).toThrowError(message);
  });
});

describe('flagsOf', () => {
  it('writes the options that were given, and no others', () => {
    expect(flagsOf({ runtime, seed: 3, draws: 2 }, undefined)).toEqual([]);
    expect(
      flagsOf(
        {
          runtime,
          size: 'quick',
          models: ['baseline'],
          network: 'resnet-20',
          batch: { inliers: 2, outliers: 4 },
          normalization: { mean: [0, 1], std: [2, 3] },
          files: { train: { path: 'a.npy', labels: 'b.npy' }, ood: { mine: 'c/' } },
        },
        'glyphs',
      ).join(' '),
    ).toBe(
      '--quick --models baseline --model resnet-20 --mean 0,1 --std 2,3 --batch 2,4 --in a.npy --in-labels b.npy --outliers glyphs --ood mine=c/',
    );
  });
});
