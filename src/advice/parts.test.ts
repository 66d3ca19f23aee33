import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildVocabulary,
  createTokenizer,
  encodeTexts,
  makeOutliers,
  memoryTexts,
  whitespaceTokenizer,
} from '../data/index.ts';
import { matrix } from '../detectors/index.ts';
import { meanAndStd } from '../metrics/index.ts';
import { convNet } from '../nn/index.ts';
import { Random } from '../random.ts';
import { bars } from '../training/testing.ts';
import { curveSizes, learningCurve, partOf } from './curve.ts';
import { judgesOf, whoJudges } from './judges.ts';
import type { CandidateAdvice, TrialSettings } from './options.ts';
import { stepsWithin } from './plan.ts';
import { bootstrapInterval, errorOfDifference, spearman } from './ranking.ts';
import { recommend } from './recommend.ts';
import { scoreCandidates } from './score.ts';
import { selectExamples } from './select.ts';
import { exclusions } from './terms.ts';
import { twoSampleAuroc } from './two-sample.ts';
import { madeValidation } from './validation.ts';

const settings: TrialSettings = {
  steps: 100,
  tunings: 2,
  lambda: 0.5,
  learningRate: 0.001,
  batch: { inliers: 128, outliers: 256 },
  normalization: 'frozen',
  seed: 1,
};

describe('telling two samples apart', () => {
  const normal = (rows: number, shift: number, seed: number) => {
    const random = Random.from(seed, 'rows');
    const data = Float32Array.from(
      { length: rows * 5 },
      (_, i) => random.normal() + (i % 5 === 0 ? shift : 0),
    );
    return { data, shape: [rows, 5] as [number, number] };
  };

  it('comes near to what is possible', () => {
    expect(twoSampleAuroc(normal(600, 0, 1), normal(600, 0, 2), 1)).toBeCloseTo(0.5, 1);
    // Of two normal distributions one standard deviation apart the best is Φ(1/√2).
    expect(Math.abs(twoSampleAuroc(normal(1000, 0, 1), normal(1000, 1, 2), 1) - 0.7602)).toBeLessThan(0.03);
    expect(twoSampleAuroc(normal(200, 0, 1), normal(100, 9, 2), 1)).toBeGreaterThan(0.999);
  });

  it('does not mind features that never change, or that are large', () => {
    const scaled = (rows: ReturnType<typeof normal>) => ({
      ...rows,
      data: rows.data.map((value, i) => (i % 5 === 4 ? 7 : i % 5 === 0 ? value * 1e6 : value)),
    });
    const auroc = twoSampleAuroc(scaled(normal(500, 0, 1)), scaled(normal(500, 1, 2)), 1);
    expect(Math.abs(auroc - 0.7602)).toBeLessThan(0.05);
  });
});

describe('rankings', () => {
  it('agree as scipy says they do', () => {
    // scipy.stats.spearmanr([1, 2, 2, 4, 5], [3, 1, 4, 4, 9]).statistic
    expect(spearman([1, 2, 2, 4, 5], [3, 1, 4, 4, 9])).toBeCloseTo(0.7631578947368421, 12);
    expect(spearman([1, 2, 3], [10, 20, 90])).toBeCloseTo(1, 12);
    expect(spearman([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 12);
    expect(spearman([1, 1], [1, 2])).toBeNaN();
  });

  it('have an interval that is wider for fewer pairs', () => {
    const pairs = (count: number) => {
      const random = Random.from(3, 'pairs');
      const a = Array.from({ length: count }, () => random.normal());
      return [a, a.map((value) => value + random.normal())] as const;
    };
    const width = (count: number) => {
      const [low, high] = bootstrapInterval(...(pairs(count) as [number[], number[]]), spearman, {
        draws: 300,
      });
      const middle = spearman(...pairs(count));
      expect(low).toBeLessThanOrEqual(middle);
      expect(high).toBeGreaterThanOrEqual(middle);
      return high - low;
    };
    expect(width(12)).toBeGreaterThan(width(200));
  });

  it('compare errors on the same examples', () => {
    const differences = [1, 1, 0, 0, 0, 0, -1, 1];
    const variance = differences.reduce((sum, each) => sum + (each - 0.25) ** 2, 0) / 8;
    expect(
      errorOfDifference(Uint8Array.of(1, 1, 1, 0, 0, 0, 0, 1), Uint8Array.of(0, 0, 1, 0, 0, 0, 1, 0)),
    ).toBeCloseTo(Math.sqrt(variance / 8), 12);
  });
});

describe('scores', () => {
  it('are mean gains in each judge’s scale', () => {
    const { scores, gains, scales } = scoreCandidates([
      { easy: 0.01, hard: 0.1 },
      { easy: 0.03, hard: 0.1 },
      { easy: 0.05, hard: -0.2 },
    ]);
    const scale = (values: number[]) => Math.sqrt(meanAndStd(values).std ** 2 + 0.003 ** 2);
    expect(scales.easy).toBeCloseTo(scale([0.01, 0.03, 0.05]), 12);
    expect(scales.hard).toBeCloseTo(scale([0.1, 0.1, -0.2]), 12);
    expect(gains.map((gain) => gain.toFixed(9))).toEqual(['0.055000000', '0.065000000', '-0.075000000']);
    expect(scores[2]).toBeCloseTo((0.05 / scales.easy! - 0.2 / scales.hard!) / 2, 9);
  });

  it('find what candidates and judges give, whoever judges whom', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), (seed) => {
        const random = Random.from(seed, 'gains');
        const [own, usual] = [5, 4].map((count) => Array.from({ length: count }, () => random.normal()));
        // The first judge judges all, so that all can be compared.
        const table = own!.map((a) =>
          Object.fromEntries(
            usual!.flatMap((b, j) => (j > 0 && random.uniform() < 0.4 ? [] : [[`judge ${j}`, a + b]])),
          ),
        );
        const known = new Set(table.flatMap((by) => Object.keys(by)));
        const mean = usual!.reduce((sum, b, j) => sum + (known.has(`judge ${j}`) ? b : 0), 0) / known.size;
        for (const [i, gain] of scoreCandidates(table).gains.entries())
          expect(gain).toBeCloseTo(own![i]! + mean, 4);
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  it('do not let candidates be judged by what looks like them', () => {
    const normal = (shift: number, seed: number) => {
      const random = Random.from(seed, 'logits');
      return matrix(
        Float32Array.from({ length: 600 }, () => random.normal() + shift),
        2,
      );
    };
    const sets = ['a', 'b', 'c'].map((name) => ({ ...bars(4), name }));
    const judges = judgesOf([{ ...bars(4), name: 'a' }], sets, 'all');
    expect(judges.map(({ set }) => set.name)).toEqual(['a', 'a (candidate)', 'b', 'c']);
    const logits = { a: normal(5, 1), 'a (candidate)': normal(0, 2), b: normal(0, 3), c: normal(9, 4) };
    const jury = whoJudges(sets, judges, logits, { who: 'all', seed: 1 });
    expect(Object.fromEntries(jury)).toEqual({
      a: ['a', 'c'],
      b: ['a', 'c'],
      c: ['a', 'a (candidate)', 'b'],
    });
    expect(exclusions(jury, judges)).toEqual([
      'a is not judged by what looks like it: b.',
      'b is not judged by what looks like it: a (candidate).',
    ]);
  });
});

describe('the curve', () => {
  it('has sizes up to what tunings see, each within the next', () => {
    expect(curveSizes(60_000, settings)).toEqual([400, 1600, 6400]);
    expect(curveSizes(100, settings)).toEqual([25]);
    expect(curveSizes(40, settings)).toEqual([]);
    const [small, large] = [30, 90].map((count) => partOf(bars(200), count, 1).labels!);
    expect([small!.length, large!.length]).toEqual([30, 90]);
  });

  it('says from where on it is flat', () => {
    const point = (count: number, gain: number) => ({
      count,
      gain,
      spread: 0,
      gains: {},
      errorChange: 0,
      seconds: 1,
    });
    const points = [point(10, 0.01), point(40, 0.091), point(160, 0.1)];
    expect(learningCurve('a', points).enough).toBe(40);
    expect(learningCurve('a', [point(10, 0.2), point(40, -0.1)]).enough).toBeUndefined();
  });
});

describe('steps within a budget', () => {
  it('fill it and no more', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1e4, noNaN: true }),
        fc.integer({ min: 1, max: 50 }),
        fc.double({ min: 1e-3, max: 2, noNaN: true }),
        (budget, trials, step) => {
          const costs = { fixed: 0.5, step };
          const least = trials * (0.5 + 20 * step);
          if (budget < least * 0.999)
            expect(() => stepsWithin(budget, trials, costs)).toThrowError(/allow more time/);
          else if (budget > least * 1.001) {
            const steps = stepsWithin(budget, trials, costs);
            expect(trials * (0.5 + steps * step)).toBeLessThanOrEqual(budget * 1.0001);
          }
        },
      ),
      { seed: 1 },
    );
  });
});

describe('the recommendation', () => {
  const candidate = (more: Partial<CandidateAdvice>): CandidateAdvice => ({
    name: 'photos',
    count: 9000,
    fingerprint: 'f',
    gain: 0.05,
    spread: 0.004,
    score: 1,
    scoreSpread: 0.1,
    gains: {},
    errorChange: 0,
    errorStandardError: 0.002,
    seconds: 3,
    separability: 0.9,
    overlap: 0.1,
    ...more,
  });
  const say = (...candidates: CandidateAdvice[]) =>
    recommend(candidates, { settings, baseline: { error: 0.1, meanAuroc: 0.8, aurocs: {} } });

  it('names the best, and what does as well or harm', () => {
    const { recommended, sentences } = say(
      candidate({}),
      candidate({ name: 'art', gain: 0.047, score: 0.8 }),
      candidate({ name: 'glass', gain: 0.049, score: 0.5 }),
      candidate({ name: 'maps', gain: -0.02, score: -1 }),
    );
    expect(recommended).toBe('photos');
    expect(sentences.join(' ')).toMatch(/from 80\.0 % to 85\.0 %.*art did about as well.*Leave out maps/);
  });

  it('warns of cost, nearness, distance and what is made', () => {
    const about = (more: Partial<CandidateAdvice>) => say(candidate(more)).sentences.join(' ');
    expect(about({})).not.toMatch(/costs accuracy|hard to tell|far from|made from/);
    expect(about({ errorChange: 0.02 })).toMatch(/error rose by 2\.00 percentage points \(± 0\.20/);
    expect(about({ separability: 0.6 })).toMatch(/hard to tell from your data \(AUROC 0\.600\)/);
    expect(about({ separability: 0.999 })).toMatch(/far from your data/);
    expect(about({ overlap: 0.5 })).toMatch(/Of 50\.0 % of photos the classifier is surer/);
    expect(about({ name: 'made:blur' })).toMatch(/made from your own data/);
  });

  it('recommends nothing within chance', () => {
    const none = candidate({ gain: 0.003 });
    expect(say(none).recommended).toBeUndefined();
    expect(say(none, candidate({ name: 'art', gain: 0.02, score: 0.1 })).recommended).toBe('art');
  });
});

describe('texts', () => {
  const source = memoryTexts({
    name: 'texts',
    texts: ['a b c d e f', 'b a', 'c d e'],
    labels: Int32Array.of(0, 1, 0),
    fingerprint: 'texts',
  });
  const words = whitespaceTokenizer();
  const tokenizer = createTokenizer({ words, vocabulary: buildVocabulary(source, { size: 10, words }) });
  const encoded = encodeTexts(source, tokenizer);

  it('are chosen by number', () => {
    const chosen = selectExamples(encoded, Uint32Array.of(2, 0, 2));
    expect([0, 1, 2].map((i) => ('text' in chosen ? chosen.text(i) : ''))).toEqual([
      'c d e',
      'a b c d e f',
      'c d e',
    ]);
    expect([...chosen.labels!]).toEqual([0, 0, 0]);
    expect('ids' in chosen && [...chosen.ids].length).toBe(12);
  });

  it('are judged by shuffled and random words, but not by what they resemble', () => {
    const sets = madeValidation(encoded, { model: convNet({ seed: 1 }), seed: 1 });
    expect(sets.map(({ name }) => name)).toEqual(['shuffled', 'random-words']);
    const shuffled = sets[0]!;
    const idsOf = (set: typeof shuffled) => ('ids' in set ? [...set.ids.subarray(0, 6)].sort() : []);
    expect(idsOf(shuffled)).toEqual(idsOf(encoded));
    const judged = (kind: string) => {
      const made = encodeTexts(makeOutliers(source, kind), tokenizer);
      const judges = judgesOf(sets, [made], 'all');
      const logits = Object.fromEntries(judges.map(({ set }) => [set.name, matrix(new Float32Array(0), 2)]));
      return whoJudges([made], judges, logits, { who: 'all', seed: 1 }).get(made.name);
    };
    expect(judged('shuffled')).toEqual(['random-words']);
    expect(judged('mixed')).toEqual(['shuffled', 'random-words']);
    expect(() => judged('shuffled+words')).toThrowError(
      /All validation outliers that can be made \(shuffled, random-words, made:shuffled\+words\) resemble/,
    );
  });
});
