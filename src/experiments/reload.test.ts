/** Flags of a run, back to its options. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Runtime } from '../runtime/index.ts';
import { MODELS } from './declaration.ts';
import { flagsOf } from './flags.ts';
import type { ExperimentOptions } from './options.ts';
import { optionsOfFlags } from './reload.ts';

const count = fc.integer({ min: 1, max: 1000 });
const path = fc.stringMatching(/^[\w./-]{1,12}$/);
const file = fc.record({ path, labels: fc.option(path, { nil: undefined }) });
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const three = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 3, maxLength: 3 });

describe('optionsOfFlags', () => {
  it('is the way back from flagsOf', () => {
    fc.assert(
      fc.property(
        fc.record({
          size: optional(fc.constant('quick' as const)),
          scratch: optional(fc.constant('with' as const)),
          models: optional(fc.subarray([...MODELS], { minLength: 1 })),
          network: optional(path),
          from: optional(path),
          normalization: optional(fc.record({ mean: three, std: three })),
          trainSize: optional(count),
          epochs: optional(count),
          tuneEpochs: optional(count),
          batch: optional(fc.record({ inliers: count, outliers: count })),
          outliers: optional(path),
          exclude: optional(path),
          folder: optional(path),
          files: fc.record(
            {
              train: file,
              test: file,
              ood: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), path, { minKeys: 1 }),
            },
            { requiredKeys: [] },
          ),
        }),
        (given) => {
          const options = { ...given, runtime: undefined as unknown as Runtime } as ExperimentOptions;
          const again = optionsOfFlags(flagsOf(options, undefined));
          const { runtime: _, ...expected } = options;
          const known = Object.fromEntries(
            Object.entries(expected).filter(([, value]) => value !== undefined),
          );
          expect(again).toEqual(known);
        },
      ),
    );
  });

  it('refuses what it does not know', () => {
    expect(() => optionsOfFlags(['--quick', '--new-flag', '3'])).toThrow(
      /--new-flag.*run the experiment again/,
    );
    expect(() => optionsOfFlags(['--data'])).toThrow(/--data/);
  });
});
