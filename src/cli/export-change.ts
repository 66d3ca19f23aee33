/** What an exported model's smaller weights cost: error and AUROC, before and after. */
import { availableParallelism } from 'node:os';
import { findDetector } from '../detectors/index.ts';
import { type Evaluation, evaluateClassifier } from '../evaluation/index.ts';
import type { Model } from '../onnx/index.ts';
import { percent, type Table } from '../report/index.ts';
import { nodeRuntime } from '../runtime/index.ts';
import type { ThresholdFile } from '../thresholds/index.ts';
import { type EvalSetsRun, openTestSets } from './eval-sets.ts';
import { namedSets } from './measure-files.ts';
import type { Classifier } from './models.ts';

/** All rates are fractions, 0 to 1; AUROC by the threshold's detector, or by MSP. */
export interface ExportChange {
  detector: string;
  testError: { before: number; after: number };
  /** By set, all of whose outliers are taken; `mean` is over the sets. */
  auroc: { set: string; before: number; after: number }[];
}

export interface ChangeRun extends EvalSetsRun {
  options: EvalSetsRun['options'] & { ood: string[]; threads?: number };
  guard: ThresholdFile | undefined;
}

/** @param exported as it was read back from its bytes */
export async function measureChange(
  classifier: Classifier,
  exported: Model,
  run: ChangeRun,
): Promise<ExportChange> {
  const { options, signal, onProgress, opened, guard } = run;
  const detector = findDetector(detectorOf(guard));
  const sets = namedSets(options.ood);
  const { inliers, outlierSets } = await openTestSets(classifier, sets, {
    options,
    signal,
    onProgress,
    opened,
  });
  const runtime = await nodeRuntime({ threads: options.threads ?? availableParallelism() });
  try {
    const measured: Evaluation[] = [];
    for (const [name, model] of [
      ['before', classifier.logits],
      ['after', exported],
    ] as const) {
      measured.push(
        await evaluateClassifier(model, {
          name,
          runtime,
          inliers,
          outlierSets,
          detectors: [detector],
          // Every outlier counts, so that the difference is the model's alone.
          outRatio: Number.MAX_SAFE_INTEGER,
          seed: 1,
          signal,
          onProgress: (done, total) => onProgress({ stage: `Measure ${name}`, done, total }),
        }),
      );
    }
    const [before, after] = measured as [Evaluation, Evaluation];
    return {
      detector: detector.name,
      testError: { before: before.testError, after: after.testError },
      auroc: before.rows.map(({ set, auroc }, i) => ({ set, before: auroc, after: after.rows[i]!.auroc })),
    };
  } finally {
    await runtime.dispose();
  }
}

function detectorOf(guard: ThresholdFile | undefined): string {
  if (!guard) return 'msp';
  const { name, settings } = guard.detector;
  const given = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  return given.length > 0 ? `${name}:${given.join(',')}` : name;
}

export function changeTable({ detector, testError, auroc }: ExportChange, precision: string): Table {
  const row = (what: string, before: number, after: number) => {
    const points = 100 * (after - before);
    const sign = points > 0 ? '+' : points < 0 ? '−' : '±';
    return [what, percent(before), percent(after), `${sign}${Math.abs(points).toFixed(3)}`];
  };
  const mean = auroc.filter(({ set }) => set === 'mean');
  const each = auroc.filter(({ set }) => set !== 'mean');
  return {
    title: `Weights in ${precision}`,
    header: ['in percent', 'float32', precision, 'change'],
    rows: [
      row('test error ↓', testError.before, testError.after),
      ...each.map(({ set, before, after }) => row(`AUROC ↑ ${set}`, before, after)),
      ...(each.length > 1 ? mean.map(({ before, after }) => row('AUROC ↑ mean', before, after)) : []),
    ],
    footer: each.length > 1 ? mean.length : 0,
    notes: [`AUROC by ${detector}.`],
  };
}
