/** The second example of a pair. */
import { OutlierExposureError } from '../../errors.ts';
import type { Random } from '../../random.ts';

/** Draws until the first partner of another class; after so many the next one in the set's order is taken. */
const DRAWS = 32;

/** @throws OutlierExposureError `invalid-argument` when no pair can be formed */
export function checkPairs(
  { name, length, labels }: { name: string; length: number; labels?: Int32Array },
  kind: string,
): void {
  const alike = labels?.every((label) => label === labels[0]);
  if (length >= 2 && !alike) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `Outliers of the kind "${kind}" are made of pairs of different classes, but "${name}" has ${
      length < 2 ? `${length} example${length === 1 ? '' : 's'}` : 'one class alone'
    }: choose another kind, or give more examples.`,
  );
}

/** Another example than `index`: of another class where the set has labels, else any. */
export function partnerOf(
  { length, labels }: { length: number; labels?: Int32Array },
  index: number,
  random: Random,
): number {
  const fits = (other: number) => other !== index && (!labels || labels[other] !== labels[index]);
  let other = random.integer(length);
  for (let i = 1; i < DRAWS && !fits(other); i++) other = random.integer(length);
  while (!fits(other)) other = (other + 1) % length;
  return other;
}
