/** Runs an ablation by its name. Node only. */
import { availableParallelism } from 'node:os';
import { nearestName, OutlierExposureError } from '../../errors.ts';
import { nodeRuntime } from '../../runtime/index.ts';
import type { ImageDeclaration } from '../declaration.ts';
import { declarationOf } from '../registry.ts';
import { type AblationName, ablationNamed } from './registry.ts';
import type { AblationResults } from './results.ts';
import { type AblationOptions, runAblation } from './run-ablation.ts';

/** The experiments that ablations can be made of. */
export const ABLATION_EXPERIMENTS = [
  'mnist',
  'cifar10',
  'cifar100',
  'svhn',
  'tiny-imagenet',
  'places365',
] as const;

export interface ReproduceAblationOptions extends Omit<AblationOptions, 'runtime'> {
  /** The experiment whose data, network and settings it takes. Default `mnist`. */
  experiment?: string | undefined;
  /** Processor threads. Default: all. The last bits of the results depend on it. */
  threads?: number | undefined;
}

/**
 * Varies one factor of Outlier Exposure, everything else staying the same; starts ONNX Runtime for it and ends it again.
 *
 * @throws OutlierExposureError `invalid-argument` for an unknown ablation, experiment or level; `not-found` when data are
 *   missing, with how to get them; the signal's reason when aborted
 */
export async function reproduceAblation(
  name: AblationName,
  options: ReproduceAblationOptions = {},
): Promise<AblationResults> {
  const ablation = ablationNamed(name);
  const { threads = availableParallelism(), experiment = 'mnist', ...rest } = options;
  const declaration = imageDeclaration(experiment);
  const runtime = await nodeRuntime({ threads });
  try {
    const results = await runAblation(ablation, declaration, { ...rest, runtime });
    results.config.threads = threads;
    if (experiment !== 'mnist') results.flags.unshift('--of', experiment);
    return results;
  } finally {
    await runtime.dispose();
  }
}

/** Says which experiments there are for ablations, and which one was probably meant. */
export function imageDeclaration(name: string): ImageDeclaration {
  const known = ABLATION_EXPERIMENTS.find((experiment) => experiment === name);
  const declaration = known && declarationOf(known);
  if (declaration?.examples === 'images') return declaration;
  const near = nearestName(name, ABLATION_EXPERIMENTS);
  throw new OutlierExposureError(
    'invalid-argument',
    `No ablation can be made of the experiment "${name}"${near ? `; did you mean "${near}"?` : '.'} Known: ${ABLATION_EXPERIMENTS.join(', ')}.`,
  );
}
