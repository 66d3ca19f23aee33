/** Checks what a request brought: prepares items, puts them into the queue, waits for the verdicts until its time is up. */
import { availableParallelism } from 'node:os';
import sharp from 'sharp';
import { OutlierExposureError } from '../errors.ts';
import { type GuardInput, prepareInput } from '../guard/index.ts';
import { imageDecoder } from '../guard/node/index.ts';
import { type Allowance, gate } from './admission.ts';
import type { Generation } from './generation.ts';
import type { Wanted } from './inputs.ts';
import type { Job } from './pool.ts';
import { problem } from './problem.ts';
import type { CheckedItem, CheckItem } from './protocol.ts';

export interface CheckerOptions {
  /** Items that are waiting or being checked. */
  items: Allowance;
  maxPixels: number;
  maxTextLength: number;
}

/** @returns checks items by a generation until `deadline`, milliseconds on the clock of `performance.now()` */
export function itemChecker({ items, maxPixels, maxTextLength }: CheckerOptions) {
  // Images are decoded side by side, each on one thread.
  sharp.concurrency(1);
  const decoding = gate(availableParallelism());
  const decodeFile = imageDecoder({ maxPixels });

  const prepared = async (
    input: GuardInput | OutlierExposureError,
    { about }: Generation,
  ): Promise<CheckItem> => {
    if (input instanceof OutlierExposureError) throw input;
    // Here a text is a text: nobody's paths are read.
    if (about.takes === 'images' && typeof input === 'string')
      throw new OutlierExposureError('invalid-argument', 'The model takes images, and this is a text.');
    const ready = await prepareInput(input, {
      takes: about.takes,
      shape: about.shape,
      decode: (image, shape) => decoding(() => decodeFile(image, shape)),
      maxTextLength,
    });
    return 'text' in ready ? ready.text : { data: ready.pixels, shape: ready.shape };
  };

  return async (wanted: Wanted, generation: Generation, deadline: number): Promise<CheckedItem[]> => {
    const { pool } = generation;
    const count = wanted.items.length;
    if (count > items.limit)
      throw problem(
        413,
        'too-large',
        `${count} images or texts came at once, where at most ${items.limit} are taken.`,
      );
    const free = items.take(count);
    if (!free) throw busy(items.used, pool.rate);
    const leave = generation.enter();
    const jobs: Job[] = [];
    let late = false;
    const work = async () => {
      try {
        return await Promise.all(
          wanted.items.map(async (input): Promise<CheckedItem> => {
            try {
              const item = await prepared(input, generation);
              if (late) throw new OutlierExposureError('invalid-argument', 'The time was up.');
              const job = pool.submit(item);
              jobs.push(job);
              return await job.result;
            } catch (error) {
              if (!(error instanceof OutlierExposureError)) throw error;
              return { error: { code: error.code, message: error.message } };
            }
          }),
        );
      } finally {
        // What is under way still takes its place, even where nobody waits for it.
        leave();
        free();
      }
    };
    const working = work();
    working.catch(() => {});
    let timer: NodeJS.Timeout | undefined;
    const timeUp = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => {
          late = true;
          const begun = jobs.some(({ running }) => running);
          for (const job of jobs) job.cancel();
          reject(
            begun
              ? problem(504, 'timeout', 'The model did not answer in time.')
              : problem(503, 'timeout', 'The model was too busy to begin in time.', { 'retry-after': '1' }),
          );
        },
        Math.max(0, deadline - performance.now()),
      );
    });
    try {
      return await Promise.race([working, timeUp]);
    } finally {
      clearTimeout(timer);
    }
  };
}

/** 429, with when to come again: as long as what is here takes, as things went lately. */
export function busy(held: number, rate: number) {
  const seconds = Number.isNaN(rate) ? 1 : Math.min(60, Math.max(1, Math.ceil(held / rate)));
  return problem(429, 'busy', 'There is more to do than can be done: come again later.', {
    'retry-after': String(seconds),
  });
}
