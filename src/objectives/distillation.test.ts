import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differentiate } from '../autodiff/index.ts';
import { createModel, float32, Graph, int64, writeModel } from '../onnx/index.ts';
import { Random } from '../random.ts';
import { inferTypes, nodeRuntime, type Runtime } from '../runtime/index.ts';
import { crossEntropy, type DistillationOptions, withDistillation } from './index.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

const CLASSES = 3;

/** The loss, its parts, and the gradient with respect to the model's logits. */
async function evaluate(model: number[], teacher: number[], options?: DistillationOptions) {
  const graph = new Graph();
  const shape = [model.length / CLASSES, CLASSES];
  const inlierLogits = graph.addInput('model', 'float32', shape);
  const teacherLogits = graph.addInput('teacher', 'float32', shape);
  const labels = graph.addInput('labels', 'int64', [shape[0]!]);
  const values = { graph, inlierLogits, outlierLogits: undefined, labels, teacherLogits, classes: CLASSES };
  const { loss, parts } = withDistillation(crossEntropy(), options).build(values);
  const types = await inferTypes(graph, runtime);
  const gradient = differentiate(graph, types, loss, [inlierLogits]).get(inlierLogits)!;
  for (const value of new Set([loss, gradient, ...Object.values(parts)])) graph.addOutput(value);
  const session = await runtime.createSession(writeModel(createModel(graph)));
  const outputs = await session.run({
    model: float32(model, shape),
    teacher: float32(teacher, shape),
    labels: int64(new Array(shape[0]!).fill(1)),
  });
  await session.release();
  const number = (name: string) => Number(outputs[name]!.data[0]);
  return {
    loss: number(loss),
    crossEntropy: number(parts.crossEntropy!),
    distillation: number(parts.distillation!),
    gradient: outputs[gradient]!.data as Float32Array,
  };
}

const softmax = (row: number[]) => {
  const powers = row.map((z) => Math.exp(z));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
};
const rows = (values: number[]) =>
  Array.from({ length: values.length / CLASSES }, (_, i) => values.slice(i * CLASSES, (i + 1) * CLASSES));

/** weight · T² · mean KL + cross-entropy against class 1, in float64. */
function byHand(model: number[], teacher: number[], weight: number, temperature: number): number {
  const each = rows(model).map((row, i) => {
    const student = softmax(row.map((z) => z / temperature));
    const wanted = softmax(rows(teacher)[i]!.map((z) => z / temperature));
    const divergence = wanted.reduce((sum, p, k) => sum + p * Math.log(p / student[k]!), 0);
    return weight * temperature ** 2 * divergence - Math.log(softmax(row)[1]!);
  });
  return each.reduce((sum, value) => sum + value, 0) / each.length;
}

const random = Random.from(3, 'logits');
const model = Array.from({ length: 12 }, () => 2 * random.normal());
const teacher = Array.from({ length: 12 }, () => 2 * random.normal());

describe('withDistillation', () => {
  it('is as computed by hand', async () => {
    // The teacher says (1, 1, 2)/4, the model (1, 1, 1)/3.
    const {
      distillation,
      loss,
      crossEntropy: own,
    } = await evaluate([0, 0, 0], [0, 0, Math.log(2)], {
      temperature: 1,
      weight: 3,
    });
    const divergence = 0.5 * Math.log(3 / 4) + 0.5 * Math.log(3 / 2);
    expect(distillation).toBeCloseTo(divergence, 5);
    expect(own).toBeCloseTo(Math.log(3), 5);
    expect(loss).toBeCloseTo(Math.log(3) + 3 * divergence, 5);
  });

  it.each([
    [1, 1],
    [0.5, 4],
    [2, 0.7],
    [0, 2],
  ])(
    'has the value and the slope of its formula, with weight %d and temperature %d',
    async (weight, temperature) => {
      const { loss, gradient } = await evaluate(model, teacher, { weight, temperature });
      expect(loss).toBeCloseTo(byHand(model, teacher, weight, temperature), 4);
      for (let i = 0; i < model.length; i++) {
        const moved = (by: number) =>
          byHand(
            model.map((z, j) => (j === i ? z + by : z)),
            teacher,
            weight,
            temperature,
          );
        expect(gradient[i]).toBeCloseTo((moved(1e-4) - moved(-1e-4)) / 2e-4, 4);
      }
    },
  );

  it('is nothing where the model says what the teacher says, and more anywhere else', async () => {
    const shifted = teacher.map((z, i) => z + Math.floor(i / CLASSES));
    expect((await evaluate(shifted, teacher)).distillation).toBeCloseTo(0, 5);
    expect((await evaluate(model, teacher)).distillation).toBeGreaterThan(0.01);
  });

  it('keeps what it is added to', () => {
    expect(withDistillation(crossEntropy())).toMatchObject({
      name: 'cross-entropy+distillation',
      outliers: false,
      teacher: true,
    });
  });

  it.each([{ weight: -1 }, { weight: Number.NaN }, { temperature: 0 }])('refuses %j', (options) => {
    expect(() => withDistillation(crossEntropy(), options)).toThrowError(/weight of at least 0/);
  });

  it('says that it needs a teacher', () => {
    const graph = new Graph();
    const inlierLogits = graph.addInput('model', 'float32', [1, 3]);
    const labels = graph.addInput('labels', 'int64', [1]);
    const values = { graph, inlierLogits, outlierLogits: undefined, labels, classes: 3 };
    expect(() => withDistillation(crossEntropy()).build(values)).toThrowError(/needs a teacher/);
  });
});
