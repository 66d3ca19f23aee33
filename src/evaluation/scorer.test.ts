import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bernoulliNoise, memorySource } from '../data/index.ts';
import { configured, fdbd, findDetector, knn, msp, odin } from '../detectors/index.ts';
import { convNet } from '../nn/index.ts';
import { nodeRuntime, type Runtime, type Session } from '../runtime/index.ts';
import { openScorer } from './index.ts';

const model = convNet({ seed: 1 });
const noise = (count: number, seed: number) => bernoulliNoise({ count, shape: [1, 28, 28], seed });
const [fit, test] = [noise(40, 1), noise(25, 2)];
const all = (count: number) => Uint32Array.from({ length: count }, (_, i) => i);
const nearest = configured(knn, { k: 3 });

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1, place: 'here' });
});
afterAll(() => runtime.dispose());

/** The runtime, with a count of what is open. */
function counted(): { runtime: Runtime; open: () => number; made: () => number } {
  const held = new Set<Session>();
  let made = 0;
  return {
    open: () => held.size,
    made: () => made,
    runtime: {
      ...runtime,
      async createSession(bytes, options) {
        const session = await runtime.createSession(bytes, options);
        made++;
        const own: Session = {
          inputs: session.inputs,
          outputs: session.outputs,
          run: (feeds, fetches) => session.run(feeds, fetches),
          async release() {
            held.delete(own);
            await session.release();
          },
        };
        held.add(own);
        return own;
      },
    },
  };
}

describe('openScorer', () => {
  it('runs the classifier once for detectors on its outputs, and once for each that changes it', async () => {
    const wanted = [msp, odin, nearest, configured(odin, { epsilon: 0 })];
    const steps: number[] = [];
    const scorer = await openScorer(model, wanted, { runtime, fit });
    expect(scorer.passes).toBe(3);
    expect(scorer.detectors.map(({ detector }) => detector.name)).toEqual(['msp', 'odin', 'knn', 'odin']);
    const { logits, scores } = await scorer.scoreAll(test, all(25), (count) => steps.push(count));
    expect(Object.keys(scores)).toEqual(['msp', 'odin', 'knn:k=3', 'odin:epsilon=0']);
    expect(logits.shape).toEqual([25, 10]);
    expect(steps.reduce((sum, count) => sum + count, 0)).toBe(3 * 25);
    expect(() => scorer.windows(test, all(25))).toThrowError(/open a scorer for each/);
    await scorer.release();
    // Each as it scores alone.
    for (const [i, name] of Object.keys(scores).entries()) {
      const alone = await openScorer(model, [wanted[i]!], { runtime, fit });
      expect((await alone.scoreAll(test, all(25))).scores[name], name).toEqual(scores[name]);
      await alone.release();
    }
  });

  it('scores those at the indices, in their order', async () => {
    const scorer = await openScorer(model, [msp], { runtime });
    const whole = (await scorer.scoreAll(test, all(25))).scores.msp!;
    const some = (await scorer.scoreAll(test, Uint32Array.of(20, 3, 11))).scores.msp!;
    expect([...some]).toEqual([whole[20], whole[3], whole[11]]);
    await scorer.release();
  });

  it('takes fitted detectors as they are, without examples', async () => {
    const first = await openScorer(model, [nearest], { runtime, fit });
    const [fitted] = first.detectors;
    const { scores } = await first.scoreAll(test, all(25));
    await first.release();
    let learned = 0;
    const again = await openScorer(model, [fitted!], { runtime, onProgress: () => learned++ });
    expect(again.detectors[0]!.state).toBe(fitted!.state);
    expect((await again.scoreAll(test, all(25))).scores).toEqual(scores);
    expect(learned).toBe(0);
    await again.release();
  });

  it('tells how far learning is', async () => {
    const told: [number, number][] = [];
    const scorer = await openScorer(model, [msp, nearest, fdbd], {
      runtime,
      fit,
      batch: 16,
      onProgress: (done, total) => told.push([done, total]),
    });
    expect(told.at(-1)).toEqual([40, 40]);
    expect(told.length).toBeGreaterThan(1);
    await scorer.release();
  });

  it('gives back all it holds', async () => {
    const { runtime: own, open, made } = counted();
    const scorer = await openScorer(model, [msp, nearest, odin], { runtime: own, fit });
    await scorer.scoreAll(test, all(25));
    expect(open()).toBeGreaterThan(2);
    await scorer.release();
    expect([open(), made() > 2]).toEqual([0, true]);
  });

  it.each<[string, Parameters<typeof openScorer>[1], object, RegExp]>([
    ['nothing to learn from', [nearest], {}, /learns from in-distribution examples/],
    [
      'an empty set to learn from',
      [nearest],
      { fit: { ...fit, length: 0 } },
      /is empty: there is nothing to learn from/,
    ],
    ['too few to learn from', [configured(knn, { k: 41 })], { fit }, /has 40 examples/],
    [
      'an output that is missing',
      [msp, findDetector('confidence')],
      {},
      /needs the output of a confidence branch/,
    ],
    [
      'an end before the beginning',
      [nearest],
      { fit, signal: AbortSignal.abort(new Error('enough')) },
      /enough/,
    ],
  ])('gives back all it holds after %s', async (_, wanted, options, sentence) => {
    const { runtime: own, open } = counted();
    await expect(
      (async () => openScorer(model, wanted, { runtime: own, ...options }))(),
    ).rejects.toThrowError(sentence);
    expect(open()).toBe(0);
  });

  it('needs no labels for what learns without', async () => {
    const pixels = new Float32Array(4 * 784).map((_, i) => (i % 7) / 7);
    const few = memorySource({ name: 'few', shape: [1, 28, 28], pixels, fingerprint: 'few' });
    const scorer = await openScorer(model, [configured(knn, { k: 1 })], { runtime, fit: few });
    const { scores } = await scorer.scoreAll(few, all(4));
    for (const score of scores['knn:k=1']!) expect(score).toBeCloseTo(0, 3);
    await scorer.release();
  });
});
