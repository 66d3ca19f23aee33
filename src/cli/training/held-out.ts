/** Which training examples are held out for validation. */
import type { SharedSettings } from '../../config/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import { Random } from '../../random.ts';

/** @throws OutlierExposureError `invalid-argument` when the validation set is told in two ways */
export function checkValidation({
  validation,
  validationSplit,
}: Pick<SharedSettings, 'validation' | 'validationSplit'>): void {
  if (validation === undefined || validationSplit === 0) return;
  throw new OutlierExposureError(
    'invalid-argument',
    'Give either --validation, examples to measure the error on, or --validation-split, a share of the training examples, not both.',
  );
}

/** A share of the examples, drawn by the seed, and the others, each in their order; nothing for a share of 0. */
export function heldOut(
  { name, length }: { name: string; length: number },
  { validationSplit, seed }: Pick<SharedSettings, 'validationSplit' | 'seed'>,
): { kept?: Uint32Array; held?: Uint32Array } {
  if (validationSplit === 0) return {};
  const count = Math.round(length * validationSplit);
  if (count === 0 || count === length) {
    throw new OutlierExposureError(
      'invalid-argument',
      `A share of ${validationSplit} of the ${length} examples of "${name}" is ${count === 0 ? 'none' : 'all'} of them: choose another --validation-split.`,
    );
  }
  const order = Random.from(seed, 'validation split').permutation(length);
  return { kept: order.slice(count).sort(), held: order.slice(0, count).sort() };
}
