/** All ablations, by name. The command line, its help and the documentation go through this list. */
import { nearestName, OutlierExposureError } from '../../errors.ts';
import type { Ablation } from './ablation.ts';
import { closeness } from './factors/closeness.ts';
import { diversity } from './factors/diversity.ts';
import { lambda } from './factors/lambda.ts';
import { mining } from './factors/mining.ts';
import { order } from './factors/order.ts';
import { ratio } from './factors/ratio.ts';
import { rejectClass } from './factors/reject-class.ts';
import { size } from './factors/size.ts';
import { start } from './factors/start.ts';

const ABLATIONS_BY_NAME = {
  closeness,
  diversity,
  size,
  lambda,
  ratio,
  start,
  order,
  mining,
  'reject-class': rejectClass,
} as const satisfies Record<string, Ablation>;

export type AblationName = keyof typeof ABLATIONS_BY_NAME;

/** Their names. */
export const ABLATIONS = Object.keys(ABLATIONS_BY_NAME) as AblationName[];

/** @throws OutlierExposureError `invalid-argument` for an unknown name, with the one that was probably meant */
export function ablationNamed(name: string): Ablation {
  if ((ABLATIONS as readonly string[]).includes(name)) return ABLATIONS_BY_NAME[name as AblationName];
  const near = nearestName(name, ABLATIONS);
  throw new OutlierExposureError(
    'invalid-argument',
    `There is no ablation "${name}"${near ? `; did you mean "${near}"?` : '.'} Known: ${ABLATIONS.join(', ')}.`,
  );
}
