import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { batch, decode, difference, stream, withStart } from '../../../test/fixtures/pytorch.ts';
import { convNet, dcganDiscriminator, dcganGenerator } from '../../nn/index.ts';
import { float32, type Model, writeModel } from '../../onnx/index.ts';
import type { Tensors } from '../../runtime/index.ts';
import { adam } from '../adam.ts';
import { sgd } from '../sgd.ts';
import { stepValue } from '../step.ts';
import { runtime } from '../testing.ts';
import { withVariables } from '../trainer.ts';
import { type AdversarialModels, adversaryScalar, compileAdversarialStep } from './step.ts';

const expected = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/adversarial.json', import.meta.url), 'utf8'),
) as {
  losses: Record<string, number>[];
  final: Record<keyof AdversarialModels, Record<string, string>>;
  made: string;
};
const [LATENT, SHAPE] = [6, [1, 28, 28]] as const;

const started = (model: Model) =>
  withStart(model, (name, shape) => shape.length === 1 && name.endsWith('.weight'));

function models(): AdversarialModels {
  const sizes = { seed: 1, side: 28, channels: 1, features: 2 };
  return {
    classifier: started(convNet({ seed: 1, dropRate: 0 })),
    generator: started(dcganGenerator({ ...sizes, latent: LATENT })),
    discriminator: started(dcganDiscriminator(sizes)),
  };
}

describe('three steps', () => {
  it('are those of PyTorch', async () => {
    const [optimizer, adversaries] = [sgd(), adam({ beta1: 0.5 })];
    const networks = models();
    const step = await compileAdversarialStep(networks, {
      beta: 0.5,
      optimizer,
      adversaries,
      batch: { inliers: 4, outliers: 5 },
      runtime,
    });
    const loop = await runtime.createLoop(step.model, step.variables);
    for (const [i, losses] of expected.losses.entries()) {
      const { pixels, labels } = batch(i + 1, 4, 0, SHAPE);
      const feeds: Tensors = { [step.inputs.pixels]: pixels, [step.inputs.labels]: labels };
      for (const [which, name] of step.latents.entries()) {
        const values = stream(100 * (which + 1) + i + 1, 5 * LATENT).map((u) => 2 * u - 1);
        feeds[name] = float32(values, [5, LATENT]);
      }
      Object.assign(feeds, scalars(optimizer.scalars(0.01, i + 1), stepValue));
      Object.assign(
        feeds,
        scalars(adversaries.scalars(2e-4, i + 1), (name) => stepValue(adversaryScalar(name))),
      );
      const { outputs } = await loop.step(feeds);
      for (const [name, value] of Object.entries(losses))
        expect(outputs[stepValue(name)]!.data[0], `${name} of step ${i + 1}`).toBeCloseTo(value, 4);
    }
    const variables = await loop.read();
    await loop.release();
    for (const [role, parameters] of Object.entries(expected.final)) {
      const names = step.variablesOf[role as keyof AdversarialModels];
      expect([...names.keys()].sort()).toEqual(Object.keys(parameters).sort());
      for (const [name, text] of Object.entries(parameters)) {
        const ours = variables[names.get(name)!]!.data as Float32Array;
        const sampled = ours.length > 2000 ? ours.filter((_, i) => i % 4 === 0) : ours;
        expect(difference(sampled, decode(text)), `${role} ${name}`).toBeLessThan(1e-4);
      }
    }
    const generator = withVariables(networks.generator, step.variablesOf.generator, variables);
    const session = await runtime.createSession(writeModel(generator));
    const latent = float32(
      stream(7, 2 * LATENT).map((u) => 2 * u - 1),
      [2, LATENT],
    );
    const { pixels } = await session.run({ latent });
    await session.release();
    expect(pixels!.shape).toEqual([2, ...SHAPE]);
    expect(difference(pixels!.data as Float32Array, decode(expected.made))).toBeLessThan(1e-4);
  });
});

function scalars(values: Record<string, number>, named: (name: string) => string): Tensors {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [named(name), float32([value], [])]),
  );
}
