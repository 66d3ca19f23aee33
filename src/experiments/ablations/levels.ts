/** The levels that an ablation is run with, checked before anything is trained. */
import { OutlierExposureError } from '../../errors.ts';
import type { Ablation, AblationContext, Level } from './ablation.ts';

/** What the baseline is called among levels. */
export const BASELINE = 'baseline';

/**
 * @param texts what was asked for; the usual levels unless given
 * @throws OutlierExposureError `invalid-argument` for a text that is no level, one that is there twice, or none
 */
export async function levelsOf(
  ablation: Ablation,
  context: AblationContext,
  texts: readonly string[] = ablation.usual(context),
): Promise<Level[]> {
  if (texts.length === 0) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The ablation ${ablation.name} was given no levels: name some, or leave --levels out.`,
    );
  }
  const made = await ablation.levels(texts, context);
  const levels = made.map((level, i) => {
    if (level) return level;
    throw new OutlierExposureError(
      'invalid-argument',
      `"${texts[i]}" is no level of the ablation ${ablation.name} here; expected is ${ablation.expected}. Usual: ${ablation.usual(context).join(', ')}.`,
    );
  });
  const names = [BASELINE, ...levels.map(({ name }) => name)];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new OutlierExposureError(
      'invalid-argument',
      twice === BASELINE
        ? `No level can be called "${BASELINE}": that is what all are compared with.`
        : `The level "${twice}" is there twice: name it once.`,
    );
  }
  return levels;
}
