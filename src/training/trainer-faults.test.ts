/** What becomes of training when something is wrong. */
import { afterAll, describe, expect, it } from 'vitest';
import type { ImageSource } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { convNet } from '../nn/index.ts';
import { crossEntropy } from '../objectives/index.ts';
import { type TrainOptions, train } from './index.ts';
import { bars, counted, noise, options, runtime } from './testing.ts';

let abort: AbortController;
afterAll(() => runtime.dispose());

/** The same images under other labels. */
const labelled = (labels: Int32Array): ImageSource => ({ ...bars(200), labels });
describe('train', () => {
  it.each<[string, Partial<TrainOptions>]>([
    ['the end', { epochs: 1 }],
    ['an abort', { onProgress: () => abort.abort() }],
    ['a divergence', { outliers: noise(150, Number.NaN) }],
    ['data that do not fit', { inliers: bars(5) }],
    [
      'data that cannot be read',
      { outliers: { ...noise(150), read: () => Promise.reject(new Error('the disk is gone')) } },
    ],
    [
      'a mistake of the listener',
      {
        onProgress: () => {
          throw new Error('not my day');
        },
      },
    ],
  ])('leaves nothing open after %s', async (_, more) => {
    abort = new AbortController();
    const watched = counted(runtime);
    const running = train(convNet({ seed: 1 }), options({ runtime: watched, signal: abort.signal, ...more }));
    await running.catch(() => {});
    expect(watched.made).toBeGreaterThan(0);
    expect(watched.open).toBe(0);
  });

  it('returns no weights that are not numbers, though no loss has shown them', async () => {
    const running = train(
      convNet({ seed: 1 }),
      options({ epochs: 1, schedule: (step) => (step === 20 ? Number.POSITIVE_INFINITY : 0.02) }),
    );
    await expect(running).rejects.toMatchObject({
      code: 'diverged',
      message: expect.stringMatching(/in its last step/),
    });
  });

  it.each<[string, Partial<TrainOptions>, string, RegExp]>([
    ['pixels that are no numbers', { outliers: noise(150, Number.NaN) }, 'diverged', /loss is NaN at step 1/],
    ['no labels', { inliers: noise(150) }, 'invalid-argument', /"noise" has no labels/],
    ['no outliers', { outliers: undefined }, 'invalid-argument', /outlier-exposure needs outliers/],
    [
      'a place for outliers without any',
      { outliers: undefined, objective: crossEntropy() },
      'invalid-argument',
      /10 outliers, but there is no set/,
    ],
    [
      'fewer outliers than a batch',
      { outliers: noise(9) },
      'invalid-argument',
      /"noise" has 9 images, fewer than the 10/,
    ],
    [
      'a label below 0',
      { inliers: labelled(new Int32Array(200).fill(-1, 3)) },
      'invalid-argument',
      /Image 3 of "bars" has the label -1, but the model's 10 classes are numbered 0 to 9/,
    ],
    [
      'a label too large',
      { inliers: labelled(new Int32Array(200).fill(10)) },
      'invalid-argument',
      /Image 0 of "bars" has the label 10/,
    ],
    [
      'fewer labels than images',
      { inliers: labelled(new Int32Array(199)) },
      'invalid-argument',
      /200 images, but 199 labels/,
    ],
    ['half an epoch', { epochs: 0.5 }, 'invalid-argument', /epochs is 0.5/],
    [
      'a batch of nothing',
      { batch: { inliers: 0, outliers: 10 } },
      'invalid-argument',
      /A batch of 0 inliers and 10 outliers/,
    ],
    [
      'fewer images than a batch',
      { inliers: bars(5) },
      'invalid-argument',
      /"bars" has 5 images, fewer than the 10/,
    ],
    [
      'images of another shape',
      { outliers: { ...noise(150), shape: [3, 32, 32] } },
      'invalid-argument',
      /\[3, 32, 32\].*\[1, 28, 28\]/,
    ],
  ])('refuses %s', async (_, more, code, message) => {
    const running = train(convNet({ seed: 1 }), options(more));
    await expect(running).rejects.toBeInstanceOf(OutlierExposureError);
    await expect(running).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
