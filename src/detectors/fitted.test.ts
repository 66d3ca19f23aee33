/** Files of fitted detectors, whole and damaged: they may be anybody's. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutlierExposureError } from '../errors.ts';
import type { TensorData } from '../onnx/index.ts';
import { Random } from '../random.ts';
import {
  configured,
  type Detector,
  detectors,
  type FittedDetector,
  findDetector,
  fitDetector,
  matrix,
  readFitted,
  rectifiers,
  scoreOutputs,
  writeFitted,
} from './index.ts';

const [COUNT, CLASSES, WIDTH] = [60, 3, 6];
const random = Random.from(1, 'fitted');
const drawn = (count: number, columns: number) =>
  matrix(
    Float32Array.from({ length: count * columns }, () => random.normal()),
    columns,
  );
const head = {
  weights: drawn(CLASSES, WIDTH).data,
  bias: Float32Array.of(0.1, -0.2, 0.3),
  classes: CLASSES,
  width: WIDTH,
};
/** Logits that leave no class without an example that is classified correctly. */
const labels = Int32Array.from({ length: COUNT }, (_, i) => i % CLASSES);
const logits = drawn(COUNT, CLASSES);
for (const [i, label] of labels.entries()) logits.data[i * CLASSES + label]! += 2;
const data = { features: drawn(COUNT, WIDTH), logits, labels };
const test = { features: drawn(5, WIDTH), logits: drawn(5, CLASSES) };

/** For few examples. */
const SETTINGS: Record<string, Record<string, number>> = {
  knn: { k: 3 },
  nnguide: { k: 3, bank: 0.5 },
  openmax: { tail: 5 },
};
const learners: Detector[] = [...detectors, ...rectifiers.map(({ name }) => findDetector(name))]
  .filter(({ fit }) => fit)
  .map((detector) => configured(detector, SETTINGS[detector.name] ?? {}));

/** The scores, or nothing where the file or its state was refused as users are told. */
async function scored(made: () => FittedDetector): Promise<Float32Array | undefined> {
  try {
    return await scoreOutputs(made(), test, { head });
  } catch (error) {
    expect(error).toBeInstanceOf(OutlierExposureError);
    return undefined;
  }
}

it('are of all detectors that learn', () => {
  expect(learners.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['mahalanobis', 'knn', 'vim', 'openmax', 'temperature', 'react+energy']),
  );
  expect(learners.length).toBeGreaterThan(9);
});

describe.each(learners)('$name', (detector) => {
  const fitted = fitDetector(detector, data, { head });

  it('scores to the same bits when read again', async () => {
    const again = readFitted(writeFitted(await fitted));
    expect(again.detector.settings).toMatchObject(detector.settings ?? {});
    const scores = await scoreOutputs(await fitted, test, { head });
    expect(scores).toHaveLength(5);
    expect(await scoreOutputs(again, test, { head })).toEqual(scores);
  });

  it('is refused, or whole, when its file is cut off or changed', async () => {
    const bytes = writeFitted(await fitted);
    const header = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const place = fc.oneof(
      { weight: 3, arbitrary: fc.nat(header - 1) },
      { weight: 1, arbitrary: fc.nat(bytes.length - 1) },
    );
    const changes = fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(changes, fc.option(fc.nat(bytes.length - 1)), async (changed, end) => {
        const damaged = bytes.slice(0, end ?? undefined);
        for (const [at, value] of changed) if (at < damaged.length) damaged[at] = value;
        const scores = await scored(() => readFitted(damaged));
        if (scores) expect(scores).toHaveLength(5);
        if (end !== null) expect(scores).toBeUndefined();
      }),
      { numRuns: 150 },
    );
  });

  it('is refused without one of its tensors, or with one of another shape or type', async () => {
    const { state } = await fitted;
    for (const [name, tensor] of Object.entries(state)) {
      const { [name]: _, ...rest } = state;
      const others: TensorData[] = [
        { ...tensor, shape: [...tensor.shape, 1] },
        { ...tensor, shape: [] },
        { ...tensor, shape: tensor.shape.map((size) => size + 1) },
        { elementType: 'float32', shape: [0, WIDTH], data: new Float32Array(0) },
        { elementType: 'int32', shape: tensor.shape, data: new Int32Array(tensor.data.length) },
      ];
      const refused = new RegExp(`The detector .* was fitted to other .*"${name}" should be`);
      for (const changed of [rest, ...others.map((other) => ({ ...rest, [name]: other }))])
        await expect(
          (async () => scoreOutputs({ detector, state: changed }, test, { head }))(),
          `${name} as ${JSON.stringify(changed[name]?.shape)}`,
        ).rejects.toThrowError(refused);
    }
  });

  it('gives a score to every example when its values are no numbers', async () => {
    const { state } = await fitted;
    const broken = Object.fromEntries(
      Object.entries(state).map(([name, tensor]) => [
        name,
        { ...tensor, data: (tensor.data as Float32Array).map(() => Number.NaN) } as TensorData,
      ]),
    );
    const scores = await scored(() => ({ detector, state: broken }));
    if (scores) expect(scores).toHaveLength(5);
  });
});

describe('readFitted', () => {
  const file = (metadata: Record<string, string>) => {
    const text = JSON.stringify({ __metadata__: metadata });
    const bytes = new Uint8Array(8 + text.length);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
    bytes.set(new TextEncoder().encode(text), 8);
    return bytes;
  };
  const format = 'outlier-exposure/detector';

  it.each<[string, Record<string, string>, RegExp]>([
    ['no detector', { format }, /holds tensors, but no fitted detector/],
    ['another format', { format: 'pt', detector: 'knn' }, /holds tensors, but no fitted detector/],
    ['a detector unknown', { format, detector: 'knnn' }, /did you mean "knn"/],
    ['settings that are no JSON', { format, detector: 'knn', settings: '{' }, /are no numbers/],
    ['settings that are texts', { format, detector: 'knn', settings: '{"k":"5"}' }, /are no numbers/],
    ['settings that are nothing', { format, detector: 'knn', settings: 'null' }, /are no numbers/],
    ['a setting out of range', { format, detector: 'knn', settings: '{"k":0}' }, /cannot have k = 0/],
    [
      "a setting that is every object's",
      { format, detector: 'knn', settings: '{"constructor":1}' },
      /no parameter "constructor"/,
    ],
  ])('refuses %s', (_, metadata, sentence) => {
    expect(() => readFitted(file(metadata), 'knn.safetensors')).toThrowError(sentence);
    expect(() => readFitted(file(metadata), 'knn.safetensors')).toThrowError(OutlierExposureError);
  });
});
