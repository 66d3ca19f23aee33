import fc from 'fast-check';
import { it } from 'vitest';
import { type Attribute, float } from '../../onnx/index.ts';
import { checkGradient, describeRules, distinctTensor, forAll, seeds, shapes } from '../testing.ts';
import { furtherActivationRules } from './further-activation.ts';

/** Elementwise, on values apart from every kink. */
function elementwise(op: string, attributes: Record<string, Attribute> = {}): void {
  it('element by element', () =>
    forAll(fc.record({ random: seeds, shape: shapes() }), ({ random, shape }) =>
      checkGradient({
        inputs: { x: distinctTensor(random, shape, 'float32') },
        build: (graph) => graph.add(op, ['x'], attributes),
        step: 0.03,
        tolerance: 4e-3,
      }),
    ));
}

describeRules(furtherActivationRules, {
  Selu: () => {
    elementwise('Selu');
    elementwise('Selu', { alpha: float(1.5), gamma: float(0.75) });
  },
  Celu: () => {
    elementwise('Celu');
    elementwise('Celu', { alpha: float(2) });
  },
  ThresholdedRelu: () => elementwise('ThresholdedRelu', { alpha: float(0.25) }),
  Softsign: () => elementwise('Softsign'),
  Mish: () => elementwise('Mish'),
  Sin: () => elementwise('Sin'),
  Cos: () => elementwise('Cos'),
});
