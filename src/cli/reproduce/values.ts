/** Values of flags that `oe reproduce` alone has. */
import { InvalidArgumentError } from 'commander';
import { MODELS, type ModelName } from '../../experiments/index.ts';
import { namedPath } from '../parse.ts';

export function modelList(text: string): ModelName[] {
  return text.split(',').map((name) => {
    const found = MODELS.find((model) => model === name.trim());
    if (found) return found;
    throw new InvalidArgumentError(`It must be a list of ${MODELS.join(', ')}.`);
  });
}

export function batchSizes(text: string): { inliers: number; outliers: number } {
  const [inliers, outliers, ...more] = text.split(',').map(Number);
  const whole = (value: number | undefined) => Number.isSafeInteger(value) && value! >= 1;
  if (whole(inliers) && whole(outliers) && more.length === 0)
    return { inliers: inliers!, outliers: outliers! };
  throw new InvalidArgumentError('It must be two whole numbers with a comma between, as in 128,256.');
}

export function oodSet(text: string, before: Record<string, string> = {}): Record<string, string> {
  const { name, path } = namedPath(text);
  if (Object.hasOwn(before, name))
    throw new InvalidArgumentError(`There are two sets called "${name}": give one another name, NAME=PATH.`);
  return { ...before, [name]: path };
}
