import { afterAll, describe, expect, it } from 'vitest';
import { type ImageSource, memorySource } from '../data/index.ts';
import { type Detector, findDetector, mspScore, odin } from '../detectors/index.ts';
import { auroc } from '../metrics/index.ts';
import { convNet } from '../nn/index.ts';
import { createModel, Graph, type Model } from '../onnx/index.ts';
import { Random } from '../random.ts';
import { runtime } from '../training/testing.ts';
import { chooseSettings, gridOf } from './choose-settings.ts';
import { evaluate } from './evaluate.ts';
import { openScorer } from './scorer.ts';

afterAll(() => runtime.dispose());

/** Logits are the four pixels. */
function flat(): Model {
  const graph = new Graph('flat');
  const x = graph.addInput('pixels', 'float32', ['batch', 1, 2, 2]);
  graph.addOutput(graph.add('Flatten', [x], { axis: 1 }));
  return createModel(graph);
}

function set(name: string, rows: number[][]): ImageSource {
  return memorySource({ name, shape: [1, 2, 2], pixels: Float32Array.from(rows.flat()), fingerprint: name });
}

/** |z_which − offset|: it separates when it is set to the right place. */
const place: Detector = {
  name: 'place',
  title: 'The distance of a logit from a place',
  needs: ['logits'],
  formula: '|z_k − c|',
  source: 'this test',
  parameters: {
    which: {
      default: 0,
      meaning: 'k',
      source: 'this test',
      least: 0,
      most: 3,
      integer: true,
      grid: [0, 1, 2],
    },
    at: { default: 0, meaning: 'c', source: 'this test', grid: [0, 5] },
    unused: { default: 1, meaning: 'nothing', source: 'this test' },
  },
  score: ({ logits }, { settings }) =>
    Float32Array.from({ length: logits.shape[0] }, (_, i) =>
      Math.abs(logits.data[i * logits.shape[1] + settings.which!]! - settings.at!),
    ),
};

const random = Random.from(1, 'examples');
const inliers = set(
  'known',
  Array.from({ length: 40 }, () => [random.normal(), 5 + 0.1 * random.normal(), random.normal(), 0]),
);
const far = set(
  'far',
  Array.from({ length: 40 }, () => [random.normal(), random.normal(), random.normal(), 0]),
);
const near = set(
  'near',
  Array.from({ length: 40 }, () => [random.normal(), 4 + 0.1 * random.normal(), random.normal(), 0]),
);

describe('chooseSettings', () => {
  it('takes the best of all combinations, and shows them all', async () => {
    const seen: [number, number][] = [];
    const { detector, best, table } = await chooseSettings(flat(), place, {
      runtime,
      inliers,
      validationOutliers: [far, near],
      outRatio: 1,
      onProgress: (done, total) => seen.push([done, total]),
    });
    expect(best.settings).toEqual({ which: 1, at: 5 });
    expect(best.aurocs).toEqual({ far: 1, near: 1 });
    expect(detector.settings).toEqual({ which: 1, at: 5 });
    expect(table.map(({ settings }) => settings)).toEqual(
      [0, 1, 2].flatMap((which) => [0, 5].map((at) => ({ which, at }))),
    );
    for (const { aurocs, meanAuroc } of table)
      expect(meanAuroc).toBeCloseTo((aurocs.far! + aurocs.near!) / 2, 12);
    // What each combination is said to achieve it achieves.
    const scores = (rows: ImageSource) => {
      const out = new Float32Array(160);
      return Promise.resolve(
        rows.read(
          Uint32Array.from({ length: 40 }, (_, i) => i),
          out,
        ),
      ).then(() => Float32Array.from({ length: 40 }, (_, i) => Math.abs(out[i * 4 + 2]! - 5)));
    };
    expect(table[5]!.aurocs.near).toBeCloseTo(auroc(await scores(inliers), await scores(near)), 12);
    expect(seen.at(-1)).toEqual([6, 6]);
  });

  it('takes the first of equal ones, and values of a grid of one’s own', async () => {
    const options = { runtime, inliers, validationOutliers: [far] };
    const chosen = await chooseSettings(flat(), place, { ...options, grid: { unused: [3, 2, 3] } });
    expect(chosen.best.settings).toEqual({ unused: 3 });
    expect(chosen.table.length).toBe(2);
  });

  it('keeps what was set already', async () => {
    const detector = { ...place, settings: { which: 2 } };
    expect(gridOf(detector)).toEqual({ at: [0, 5] });
    const chosen = await chooseSettings(flat(), detector, { runtime, inliers, validationOutliers: [far] });
    expect(chosen.detector.settings).toMatchObject({ which: 2 });
    expect(chosen.table.every(({ settings }) => !('which' in settings))).toBe(true);
  });

  it('fits what learns for each combination', async () => {
    const pixels = Float32Array.from({ length: 30 * 784 }, () => random.uniform());
    const known = memorySource({ name: 'noise', shape: [1, 28, 28], pixels, fingerprint: 'noise' });
    const { table } = await chooseSettings(convNet({ seed: 1 }), findDetector('react'), {
      runtime,
      inliers: known,
      fit: known,
    });
    expect(table.map(({ settings }) => settings.percentile)).toEqual([85, 90, 95, 99]);
    // Made of the inliers where none are given.
    expect(Object.keys(table[0]!.aurocs)).toContain('Jigsaw');
    for (const { meanAuroc } of table) expect(meanAuroc >= 0 && meanAuroc <= 1).toBe(true);
  });

  it('chooses among models of their own, too', async () => {
    const { table, detector } = await chooseSettings(flat(), odin, {
      runtime,
      inliers,
      validationOutliers: [far],
      grid: { temperature: [1, 1000], epsilon: [0, 0.1] },
    });
    expect(table.length).toBe(4);
    expect(Object.keys(detector.settings!)).toEqual(['temperature', 'epsilon']);
    // Without a step and at temperature 1 it is the maximum softmax probability.
    const { sets } = await evaluate(flat(), {
      runtime,
      inliers: { ...inliers, labels: new Int32Array(40) },
      outliers: { far },
    });
    expect(table[0]!.aurocs.far).toBeCloseTo(sets.far!.auroc, 12);
  });

  it.each([
    [{ ...place, parameters: {} }, {}, /has nothing to choose: it has no parameters/],
    [place, { grid: {} }, /name values for which, at, unused in a grid/],
    [{ ...place, settings: { which: 1, at: 1 } }, {}, /what could be chosen is set already/],
    [place, { grid: { at: [] } }, /no values for at/],
    [place, { grid: { att: [1] } }, /no parameter "att"; did you mean "at"/],
    [place, { grid: { which: [9] } }, /which = 9: give a whole number of at least 0 and at most 3/],
    [place, { grid: { at: Array.from({ length: 10_001 }, (_, i) => i) } }, /10001 combinations/],
    [place, { validationOutliers: [] }, /no validation outliers to choose by/],
    [place, { validationOutliers: [far, far] }, /names of their own, but there are far, far/],
    [place, { inliers: set('nothing', []) }, /"nothing" is empty/],
  ] as const)('says what is wrong with what it was given: %#', async (detector, options, sentence) => {
    const given = { runtime, inliers, validationOutliers: [far], ...options };
    await expect(chooseSettings(flat(), detector, given)).rejects.toThrowError(sentence);
  });
});

describe('detectors with models of their own, beside others', () => {
  it('score each example as they do alone, whatever the batches', { timeout: 60_000 }, async () => {
    const model = convNet({ seed: 1 });
    const pixels = Float32Array.from({ length: 70 * 784 }, () => random.uniform());
    const images = memorySource({ name: 'images', shape: [1, 28, 28], pixels, fingerprint: 'images' });
    const all = Uint32Array.from({ length: 70 }, (_, i) => i);
    const names = ['msp', 'odin', 'mc-dropout:samples=5', 'mc-dropout-mi:samples=5'];
    const scoresBy = async (batch?: number) => {
      const scorer = await openScorer(model, names.map(findDetector), { runtime, batch });
      const scored = await scorer.scoreAll(images, all);
      await scorer.release();
      return scored;
    };
    const { logits, scores } = await scoresBy();
    expect(Object.keys(scores)).toEqual(names);
    expect(mspScore(logits.data, 10)).toEqual(scores.msp);
    const others = await scoresBy(9);
    for (const name of names)
      for (const [i, value] of scores[name]!.entries()) expect(others.scores[name]![i]).toBeCloseTo(value, 5);
    expect(new Set(scores.odin).size).toBeGreaterThan(50);
  });
});
