/** Runs an experiment by its name. Node only. */
import { availableParallelism } from 'node:os';
import { nearestName, OutlierExposureError } from '../errors.ts';
import { nodeRuntime } from '../runtime/index.ts';
import type { ExperimentOptions } from './options.ts';
import { declarationOf, EXPERIMENTS, type ExperimentName } from './registry.ts';
import { type ExperimentRun, runExperiment } from './run-experiment.ts';

export interface ReproduceOptions extends Omit<ExperimentOptions, 'runtime'> {
  /** Processor threads. Default: all. The last bits of the results depend on it. */
  threads?: number | undefined;
}

/**
 * Trains, exposes to outliers, and measures, as the paper did; starts ONNX Runtime for it and ends it again.
 *
 * @throws OutlierExposureError `invalid-argument` for an unknown experiment or option; `not-found` when data are
 *   missing, with how to get them; the signal's reason when aborted
 */
export async function reproduce(
  experiment: ExperimentName,
  options: ReproduceOptions = {},
): Promise<ExperimentRun> {
  checkExperiment(experiment);
  const { threads = availableParallelism(), ...rest } = options;
  const runtime = await nodeRuntime({ threads });
  try {
    const run = await runExperiment(declarationOf(experiment), { ...rest, runtime });
    run.results.config.threads = threads;
    return run;
  } finally {
    await runtime.dispose();
  }
}

/** Says which experiments there are, and which one was probably meant. */
export function checkExperiment(name: string): asserts name is ExperimentName {
  if ((EXPERIMENTS as readonly string[]).includes(name)) return;
  const near = nearestName(name, EXPERIMENTS);
  throw new OutlierExposureError(
    'invalid-argument',
    `There is no experiment "${name}"${near ? `; did you mean "${near}"?` : '.'} Known: ${EXPERIMENTS.join(', ')}.`,
  );
}
