import { describe, expect, it } from 'vitest';
import { findDetector, fitDetector, matrix, writeFitted } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { createModel, float32, Graph, type Model, writeModel } from '../onnx/index.ts';
import { nodeRuntime } from '../runtime/index.ts';
import { readThreshold, writeThreshold } from '../thresholds/index.ts';
import { type Guard, type GuardOptions, loadGuard } from './index.ts';
import { bar, barsModel, grey, SHAPE, SIDE, thresholdFor, wordsModel } from './testing.ts';

const runtime = await nodeRuntime({ threads: 1, place: 'here' });

/** The bytes of a threshold's file. */
function threshold(model: Model): Uint8Array {
  const { detector, ...rest } = thresholdFor(model);
  return new TextEncoder().encode(writeThreshold({ ...rest, detector: { name: 'msp', settings: {} } }));
}

async function withGuard<T>(
  model: Model,
  use: (guard: Guard) => Promise<T>,
  options: Partial<GuardOptions> = {},
): Promise<T> {
  const guard = await loadGuard(writeModel(model), { runtime, threshold: threshold(model), ...options });
  try {
    return await use(guard);
  } finally {
    await guard.dispose();
  }
}

const tensor = (data: Float32Array | Uint8Array, shape: readonly number[] = SHAPE) => ({ data, shape });

describe('a guard of images', () => {
  it('says what it is', () =>
    withGuard(barsModel(), async ({ about }) => {
      expect(about).toMatchObject({
        takes: 'images',
        shape: SHAPE,
        classNames: ['left', 'middle', 'right'],
        detector: 'msp',
        falseAlarms: { flagged: 9, count: 199 },
      });
    }));

  it('gives class, confidence, score and whether it is an outlier', () =>
    withGuard(barsModel(), async (guard) => {
      const known = await guard.check(tensor(bar(1)));
      // Logits: 0.03 times the sum of 144 pixels of a third each.
      const logits = [0.1, 0.9, 0.1].map((value) => 0.03 * 144 * value);
      const highest = Math.exp(logits[1]!) / logits.reduce((sum, value) => sum + Math.exp(value), 0);
      expect(known).toEqual({
        label: 1,
        className: 'middle',
        confidence: expect.closeTo(highest, 5),
        anomalyScore: expect.closeTo(-highest, 5),
        isOutlier: false,
      });
      const strange = await guard.check(tensor(grey()));
      expect(strange).toMatchObject({ confidence: expect.closeTo(1 / 3, 5), isOutlier: true });
    }));

  it('says the same of an image alone, in a batch, as bytes, and as ImageData', () =>
    withGuard(barsModel(), async (guard) => {
      const bytes = Uint8Array.from(bar(2), (value) => Math.round(255 * value));
      const floats = Float32Array.from(bytes, (value) => value / 255);
      const canvas = new Uint8ClampedArray(4 * SIDE * SIDE);
      for (let j = 0; j < SIDE * SIDE; j++) {
        for (let c = 0; c < 3; c++) canvas[4 * j + c] = bytes[c * SIDE * SIDE + j]!;
        canvas[4 * j + 3] = 255;
      }
      const alone = await guard.check(tensor(floats));
      const together = await guard.check([
        tensor(bar(0)),
        tensor(floats),
        tensor(bytes),
        tensor(bytes, [1, ...SHAPE]),
        { data: canvas, width: SIDE, height: SIDE },
      ]);
      expect(together[0]).toMatchObject({ label: 0 });
      expect(together.slice(1)).toEqual([alone, alone, alone, alone]);
    }));

  it('gives an error for the bad item of a batch, and verdicts for the others', () =>
    withGuard(barsModel(), async (guard) => {
      const broken = bar(0);
      broken[7] = Number.NaN;
      const results = await guard.check([
        tensor(bar(0)),
        tensor(broken),
        tensor(bar(0).map((value) => 255 * value)),
        tensor(bar(0), [3, 6, 24]),
        tensor(new Float32Array(5)),
        { data: new Uint8ClampedArray(3), width: 1, height: 1 },
        'photo.png',
        tensor(bar(2)),
      ]);
      expect(results.map((result) => ('error' in result ? result.error.message : result.label))).toEqual([
        0,
        expect.stringMatching(/holds NaN, but pixels are numbers from 0 to 1/),
        expect.stringMatching(/divide bytes by 255/),
        expect.stringMatching(/is \[3, 6, 24\], but the model takes \[3, 12, 12\]/),
        expect.stringMatching(/has 432 values, but 5 were given/),
        expect.stringMatching(/has 4 bytes .* but 3 were given/),
        expect.stringMatching(/nothing here to decode it/),
        2,
      ]);
      expect(
        results.every((result) => !('error' in result) || result.error instanceof OutlierExposureError),
      ).toBe(true);
    }));

  it('throws for one bad item, and gives nothing for none', () =>
    withGuard(barsModel(), async (guard) => {
      await expect(guard.check(tensor(new Float32Array(1)))).rejects.toThrow(OutlierExposureError);
      await expect(guard.check(null as never)).rejects.toThrow('takes images, but object was given');
      expect(await guard.check([])).toEqual([]);
    }));

  it('calls a score of NaN an outlier', async () => {
    const graph = new Graph();
    const x = graph.addInput('x', 'float32', ['n', ...SHAPE]);
    const weights = graph.addInitializer('w', float32(new Float32Array(3 * 432).fill(Number.NaN), [3, 432]));
    graph.addOutput(graph.add('Gemm', [graph.add('Flatten', [x], { axis: 1 }), weights], { transB: 1 }));
    await withGuard(createModel(graph), async (guard) => {
      expect(await guard.check(tensor(bar(0)))).toMatchObject({ anomalyScore: Number.NaN, isOutlier: true });
    });
  });

  it('takes images of several sizes where the model does', async () => {
    const graph = new Graph();
    const x = graph.addInput('x', 'float32', ['n', 3, 'h', 'w']);
    graph.addOutput(graph.add('Flatten', [graph.add('GlobalAveragePool', [x])], { axis: 1 }));
    await withGuard(createModel(graph), async (guard) => {
      const red = (side: number) =>
        tensor(
          Float32Array.from({ length: 3 * side * side }, (_, i) => (i < side * side ? 1 : 0)),
          [3, side, side],
        );
      const [a, b, c] = await guard.check([red(4), red(9), red(4)]);
      expect(a).toMatchObject({ label: 0 });
      expect([b, c]).toEqual([a, a]);
      await expect(guard.check({ data: new Uint8ClampedArray(4), width: 1, height: 1 })).rejects.toThrow(
        'leaves the size of its images open',
      );
    });
  });
});

describe('a guard of texts', () => {
  it('tells classes and strange texts', () =>
    withGuard(wordsModel(), async (guard) => {
      expect(guard.about).toMatchObject({ takes: 'texts', classNames: ['colour', 'number'] });
      const results = await guard.check(['red red', 'seven', 'sails in the wind', '', 7 as never]);
      expect(results.map((result) => ('error' in result ? result.error.code : result.isOutlier))).toEqual([
        false,
        false,
        true,
        true,
        'invalid-argument',
      ]);
      expect(results[1]).toMatchObject({ label: 1, className: 'number' });
      expect(await guard.check('red red')).toEqual(results[0]);
    }));
  it('bounds their length', () =>
    withGuard(
      wordsModel(),
      async (guard) => {
        await expect(guard.check('x'.repeat(11))).rejects.toThrow('has 11 characters, where at most 10');
      },
      { maxTextLength: 10 },
    ));
});

describe('a threshold', () => {
  it('of another model is refused, unless it is allowed', async () => {
    const other = threshold(barsModel(0.02));
    const load = (options: Partial<GuardOptions> = {}) =>
      loadGuard(writeModel(barsModel()), { runtime, threshold: other, ...options });
    await expect(load()).rejects.toThrow('was chosen for another model');
    await (await load({ otherModel: 'allow' })).dispose();
  });
  it('comes with what its detector learned', async () => {
    const model = barsModel();
    const logits = Float32Array.from({ length: 60 }, (_, i) =>
      i % 3 === Math.floor(i / 3) % 3 ? 4 : 0.4 + (i % 7) / 9,
    );
    const labels = Int32Array.from({ length: 20 }, (_, i) => i % 3);
    const fitted = await fitDetector(findDetector('kl-matching'), { logits: matrix(logits, 3), labels });
    const state = writeFitted(fitted);
    const file = readThreshold(threshold(model));
    file.detector = {
      name: 'kl-matching',
      settings: {},
      state: { file: 'a.safetensors', sha256: 'a'.repeat(64) },
    };
    await withGuard(
      model,
      async (guard) => {
        const [known, strange] = await guard.check([tensor(bar(0)), tensor(grey())]);
        expect((strange as { anomalyScore: number }).anomalyScore).toBeGreaterThan(
          (known as { anomalyScore: number }).anomalyScore,
        );
      },
      { threshold: file, state },
    );
    await expect(loadGuard(model, { runtime, threshold: file })).rejects.toThrow('was not given');
  });
});
