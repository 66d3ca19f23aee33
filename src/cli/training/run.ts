/** What `oe train` and `oe tune` share: from settings to a trained model, its record, and what is said of it. */
import { existsSync, readdirSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import type { TradeOff } from '../../budget/index.ts';
import type { SharedSettings, TrainingCommand } from '../../config/index.ts';
import { type ImageSource, isEncodedText } from '../../data/index.ts';
import { OutlierExposureError } from '../../errors.ts';
import { packageVersion } from '../../experiments/environment.ts';
import { checkpointFolder, type OnProgress, type RunSettings } from '../../experiments/index.ts';
import { ensureWritableFolder, writeFileAtomic } from '../../files/atomic.ts';
import { type Model, writeModel } from '../../onnx/index.ts';
import { tradeOffPage } from '../../report/html/trade-off.ts';
import { nodeRuntime, type Runtime } from '../../runtime/index.ts';
import type { CheckpointStore, TrainResult } from '../../training/index.ts';
import { interruptible, tellOfDiscarded } from '../interruption.ts';
import { progressDisplay } from '../progress.ts';
import { opener, type StartContext, type TrainingData } from './data.ts';
import { checkOutliers } from './disjoint.ts';
import { errorMeter, trainAs } from './fit.ts';
import type { RunFlags } from './flags.ts';
import { recordOf, recordPath, rolesOf } from './record.ts';
import { summary } from './summary.ts';
import { tradeOffPath } from './trade-off-table.ts';

/** A model to train, and what to train it on. */
export interface Start {
  /** Takes batches of examples of `data`, and gives logits. */
  model: Model;
  data: TrainingData;
  classes: number;
  /** What is written in the end, of the trained model. Default: as it is. */
  finish?: (trained: Model) => Model;
  /** Whether the model came with the output that the objective trains. */
  branch?: 'trained' | 'new';
  /** SHA-256 of a model that was trained already. */
  startedFrom?: string;
  /** How the model is trained. Default: once, as the settings say. */
  fit?: Fit;
}

/** Trains a model as the settings say. */
export type Fit = (
  settings: SharedSettings,
  start: Pick<Start, 'model' | 'data' | 'branch'>,
  run: FitRun,
) => Promise<TrainResult & { tradeOff?: TradeOff }>;

export interface FitRun {
  runtime: Runtime;
  store: CheckpointStore;
  /** The stores of a fit that trains more than once, by number. */
  storeOf: (training: number) => CheckpointStore;
  signal: AbortSignal;
  onProgress: OnProgress;
}

/**
 * Runs a training as its settings say. Ctrl-C leaves a checkpoint beside the model's place, from which `--resume` goes on
 * to the same bits.
 */
export async function runTraining(
  command: TrainingCommand,
  settings: SharedSettings,
  flags: RunFlags,
  start: (context: StartContext) => Promise<Start>,
): Promise<void> {
  const startedAt = new Date();
  const checkpoints = `${settings.out}.checkpoints`;
  // Find out now, not after the training.
  await ensureWritableFolder(dirname(settings.out));
  await refuseFolder(settings.out);
  const display = progressDisplay(
    process.stderr,
    flags.quiet ? 'quiet' : flags.verbose ? 'verbose' : 'normal',
  );
  const threads = settings.threads ?? availableParallelism();
  const opened: ImageSource[] = [];
  let runtime: Runtime | undefined;
  const kept = () =>
    hasCheckpoints(checkpoints)
      ? `Interrupted. What was done is kept in ${checkpoints}; the same command with --resume goes on from there.`
      : 'Interrupted before anything was done that could be kept.';
  try {
    const record = await interruptible(async (signal) => {
      const onProgress = display.show;
      const begun = await start({
        opener: (shape) => opener(settings, { shape, signal, onProgress, opened }),
        signal,
        onProgress,
      });
      const overlap = flags.strict ? 'refuse' : 'tell';
      const shared = await checkOutliers(settings, begun.data, { overlap, signal, onProgress });
      runtime = await nodeRuntime({ threads });
      const { model, data, finish = (trained: Model) => trained, startedFrom } = begun;
      const fit: Fit = begun.fit ?? trainAs;
      const openCheckpoints = checkpointFolder(
        checkpoints,
        flags.resume ? 'resume' : 'anew',
        { threads },
        { onDiscard: tellOfDiscarded },
      );
      const storeOf = await openCheckpoints(deciding(command, settings, begun));
      const errorOf = errorMeter(data, { runtime, seed: settings.seed, signal, onProgress });
      const before =
        startedFrom === undefined ? undefined : await errorOf(model, 'Measure the model as it is');
      const result = await fit(settings, begun, {
        runtime,
        store: storeOf(settings.seed, command),
        storeOf: (training) => storeOf(settings.seed, `${command}-${training}`),
        signal,
        onProgress,
      });
      const error = await errorOf(result.model, 'Measure the trained model');
      const { classNames } = data.inliers;
      const made = recordOf(
        command,
        { ...settings, threads },
        {
          startedAt,
          data,
          result,
          shared,
          ...(result.tradeOff ? { tradeOff: result.tradeOff } : {}),
          model: {
            ...(isEncodedText(data.inliers)
              ? { vocabulary: data.inliers.vocabularySize }
              : { shape: data.inliers.shape }),
            classes: begun.classes,
            ...(classNames ? { classNames } : {}),
            ...(startedFrom === undefined ? {} : { startedFrom }),
          },
          ...(error === undefined
            ? {}
            : {
                validation: {
                  count: data.validation!.length,
                  ...(before === undefined ? {} : { before }),
                  error,
                },
              }),
        },
      );
      await writeFileAtomic(settings.out, writeModel(finish(result.model)));
      if (made.tradeOff) {
        const version = packageVersion();
        await writeFileAtomic(tradeOffPath(settings.out), tradeOffPage(made.tradeOff, { version }));
      }
      // Last: whoever sees the record finds the model that it is of.
      await writeFileAtomic(recordPath(settings.out), `${JSON.stringify(made, null, 2)}\n`);
      // What they were kept for is done.
      await rm(checkpoints, { recursive: true, force: true });
      return made;
    }, kept);
    display.end();
    process.stdout.write(flags.json ? `${JSON.stringify(record)}\n` : summary(record));
  } finally {
    display.end();
    await removeIfEmpty(checkpoints);
    await runtime?.dispose();
    for (const source of opened) await source.close?.();
  }
}

/** A run that failed before it had done anything leaves nothing to resume. */
async function removeIfEmpty(checkpoints: string): Promise<void> {
  if (!hasCheckpoints(checkpoints)) await rm(checkpoints, { recursive: true, force: true });
}

function hasCheckpoints(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((file) => file.endsWith('.safetensors'));
}

async function refuseFolder(path: string): Promise<void> {
  const info = await stat(path).catch(() => undefined);
  if (!info?.isDirectory()) return;
  throw new OutlierExposureError(
    'invalid-argument',
    `${path} is a folder: give --out the path of a file, such as ${join(path, 'model.onnx')}.`,
  );
}

/** What decides the weights' bits: settings, data, and the code. Paths do not. */
function deciding(command: TrainingCommand, settings: SharedSettings, start: Start): RunSettings {
  const fixed = Object.entries(settings).filter(
    ([name]) =>
      !['in', 'labels', 'outliers', 'validation', 'validationLabels', 'model', 'out', 'threads'].includes(
        name,
      ),
  );
  return {
    command,
    version: packageVersion(),
    ...Object.fromEntries(
      fixed.map(([name, value]) => [
        name,
        typeof value === 'number' ? value : value === undefined ? null : String(value),
      ]),
    ),
    ...(start.startedFrom === undefined ? {} : { model: start.startedFrom }),
    ...Object.fromEntries(rolesOf(start.data).map(([role, { fingerprint }]) => [role, fingerprint])),
  };
}
