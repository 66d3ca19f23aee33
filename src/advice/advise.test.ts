import { beforeAll, describe, expect, it } from 'vitest';
import { type ImageSource, makeOutliers, memorySource, subset } from '../data/index.ts';
import { convNet } from '../nn/index.ts';
import { crossEntropy } from '../objectives/index.ts';
import type { Model } from '../onnx/index.ts';
import { constantSchedule, sgd, train } from '../training/index.ts';
import { bars, noise, runtime } from '../training/testing.ts';
import { advise } from './advise.ts';
import type { Advice, AdviceProgress, AdviseOptions } from './options.ts';

const named = (source: ImageSource, name: string): ImageSource => ({
  ...source,
  name,
  fingerprint: `${name}: ${source.fingerprint}`,
});
const inliers = bars(400);
const candidates = [
  // One grey teaches little; noise on the bars and mixtures of them resemble what is judged by.
  named(noise(60, 0.5), 'grey'),
  named(makeOutliers(inliers, 'all'), 'changed'),
];
let model: Model;

const options = (more: Partial<AdviseOptions> = {}): AdviseOptions => ({
  inliers,
  candidates,
  steps: 20,
  tunings: 2,
  learningRate: 0.01,
  batch: { inliers: 20, outliers: 20 },
  runtime,
  ...more,
});

beforeAll(async () => {
  const trained = await train(convNet({ seed: 1 }), {
    inliers,
    objective: crossEntropy(),
    optimizer: sgd(),
    schedule: constantSchedule(0.02),
    epochs: 4,
    batch: { inliers: 20, outliers: 0 },
    seed: 1,
    runtime,
  });
  model = trained.model;
});

describe('advise', () => {
  let advice: Advice;
  const told: AdviceProgress[] = [];
  beforeAll(async () => {
    advice = await advise(model, options({ onProgress: (progress) => told.push(progress) }));
  });

  it('puts the candidate first that helps more, and says so', () => {
    expect(advice.candidates.map(({ name }) => name)).toEqual(['changed', 'grey']);
    const [best, other] = advice.candidates as [Advice['candidates'][0], Advice['candidates'][0]];
    expect(best.gain).toBeGreaterThan(other.gain);
    expect(best.gain).toBeGreaterThan(0.02);
    expect(advice.recommended).toBe('changed');
    expect(advice.sentences[0]).toMatch(/^Take changed: after 2 tunings of 20 steps it raised/);
    expect(best.score).toBeGreaterThan(other.score);
    expect(advice.validation.map(({ name }) => name)).toContain('grey');
    expect(best.gains.grey).toBeDefined();
    expect(other.gains.grey).toBeUndefined();
    expect(best.seconds).toBeGreaterThan(0);
  });

  it('says how close candidates are', () => {
    const grey = advice.candidates.find(({ name }) => name === 'grey')!;
    const changed = advice.candidates.find(({ name }) => name === 'changed')!;
    // All greys are one image, far from any bar; the changed ones lie around the bars.
    expect(grey.separability).toBeGreaterThan(changed.separability);
    for (const { overlap, separability } of advice.candidates) {
      expect(overlap).toBeGreaterThanOrEqual(0);
      expect(overlap).toBeLessThanOrEqual(1);
      expect(separability).toBeGreaterThan(0.5);
    }
  });

  it('draws a curve of the best', () => {
    const { curve } = advice;
    expect(curve!.candidate).toBe('changed');
    expect(curve!.points.map(({ count }) => count)).toEqual([25, 100, 400]);
    expect(curve!.points.at(-1)!.gain).toBe(advice.candidates[0]!.gain);
    expect([25, 100, 400]).toContain(curve!.enough);
  });

  it('holds out what it judges by, and tells where it is', () => {
    expect(advice.heldOut.count).toBe(80);
    const made = advice.validation.filter(({ name }) => !['grey', 'changed'].includes(name));
    expect(made.map(({ count }) => count)).toEqual(Array(6).fill(80));
    expect(told.some(({ stage }) => stage === 'Tune on grey (1 of 2)')).toBe(true);
    const late = told.findLast(({ stage }) => stage.startsWith('Tune on 100 of'))!;
    expect(late.remainingSeconds).toBeGreaterThanOrEqual(0);
    expect(told.every(({ done, total }) => done >= 0 && done <= total)).toBe(true);
  });

  it('says the same again', async () => {
    const without = ({ candidates: all, seconds: _, ...rest }: Advice) => ({
      ...rest,
      all: all.map(({ seconds: __, ...each }) => each),
    });
    expect(without(await advise(model, options()))).toEqual(without(advice));
  });

  it('leaves out validation outliers that made candidates resemble', async () => {
    const made = makeOutliers(inliers, 'jigsaw+blur');
    const { validation, notes } = await advise(model, options({ candidates: [made], steps: 2, tunings: 1 }));
    expect(validation.map(({ name }) => name)).not.toContain('Jigsaw');
    expect(notes.join()).toMatch(/made:jigsaw\+blur is not judged by what looks like it: .*Jigsaw, Pixelate/);
  });

  it('recommends nothing that does not help', async () => {
    const { recommended, sentences } = await advise(
      model,
      options({ candidates: [candidates[0]!], learningRate: 1e-9, steps: 2, tunings: 1 }),
    );
    expect(recommended).toBeUndefined();
    expect(sentences[0]).toMatch(/^None of the candidates helps/);
  });

  it('keeps to a budget, or says that it is too small', async () => {
    await expect(advise(model, options({ budgetSeconds: 0.01 }))).rejects.toThrowError(
      /^\d+ tunings of at least 20 steps take about .* minutes here, more than/,
    );
    const { settings } = await advise(
      model,
      options({ budgetSeconds: 4, tunings: 1, candidates: [candidates[0]!] }),
    );
    expect(settings.steps).toBeGreaterThanOrEqual(20);
  });

  it('stops when told to', async () => {
    const stop = new AbortController();
    const asked = advise(
      model,
      options({
        signal: stop.signal,
        onProgress: ({ stage }) => {
          if (stage.startsWith('Tune')) stop.abort();
        },
      }),
    );
    await expect(asked).rejects.toThrowError(/abort/i);
  });

  it.each([
    ['no candidates', () => ({ candidates: [] }), /There are no candidates/],
    ['an empty one', () => ({ candidates: [empty()] }), /The candidate "empty" is empty/],
    [
      'the same name twice',
      () => ({ candidates: [candidates[0]!, { ...candidates[1]!, name: 'grey' }] }),
      /Two sets are called "grey"/,
    ],
    [
      'another shape',
      () => ({ candidates: [small()] }),
      /candidate "small" are \[3, 8, 8\], but those of "bars" \[1, 28, 28\]/,
    ],
    [
      'another kind',
      () => ({ candidates: [texts()] }),
      /"words" holds texts, but the in-distribution set "bars" images/,
    ],
    ['no labels', () => ({ inliers: named(noise(50), 'plain') }), /"plain" has no labels/],
    ['no judges', () => ({ validationOutliers: [] }), /no validation outliers to judge by/],
    [
      'a candidate to judge by',
      () => ({ validationOutliers: [{ ...candidates[0]!, name: 'judge' }] }),
      /The candidate "grey" is the validation set "judge"/,
    ],
    [
      'shared examples',
      () => ({ validationOutliers: [named(subset(candidates[1]!, 3), 'judge')] }),
      /3 of the 400 examples of the candidate "changed" are examples of the validation set "judge"/,
    ],
    ['no steps', () => ({ steps: 0 }), /steps is 0, but it must be/],
  ] as [string, () => Partial<AdviseOptions>, RegExp][])('refuses %s', async (_, more, sentence) => {
    await expect(advise(model, options(more()))).rejects.toThrowError(sentence);
  });

  it('notes candidates that hold in-distribution examples', async () => {
    const { labels: _, ...rest } = inliers;
    const mixed = named(rest as ImageSource, 'mixed');
    const { notes } = await advise(model, options({ candidates: [mixed], steps: 2, tunings: 1 }));
    expect(notes.join()).toMatch(
      /80 of the 400 examples of the candidate "mixed" are examples of the in-distribution set/,
    );
  });
});

function empty(): ImageSource {
  return memorySource({ name: 'empty', shape: [1, 28, 28], pixels: new Float32Array(0), fingerprint: 'e' });
}

function small(): ImageSource {
  return memorySource({ name: 'small', shape: [3, 8, 8], pixels: new Float32Array(192), fingerprint: 's' });
}

function texts() {
  return {
    name: 'words',
    length: 1,
    ids: Int32Array.of(2),
    offsets: Uint32Array.of(0, 1),
    fingerprint: 'words',
    unknown: 0,
    vocabularySize: 3,
    pad: 'first' as const,
    text: () => 'word',
  };
}
