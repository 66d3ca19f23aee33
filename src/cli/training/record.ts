/** The record of a training, which goes beside the model: everything needed to run it again. */

import type { TradeOff } from '../../budget/index.ts';
import type { SharedSettings, TrainingCommand } from '../../config/index.ts';
import type { ExampleSet, ImageShape } from '../../data/index.ts';
import { environment } from '../../experiments/environment.ts';
import type { TrainResult } from '../../training/index.ts';
import type { SharedExamples } from '../shared-examples.ts';
import type { TrainingData } from './data.ts';

export interface TrainingRecord {
  command: TrainingCommand;
  /** ISO 8601. */
  startedAt: string;
  /** Every setting as it was, defaults included. */
  settings: Record<string, unknown>;
  model: {
    /** Channels, height, width; of images. */
    shape?: ImageShape;
    /** How many words it knows; of texts. */
    vocabulary?: number;
    /** How many logits. */
    classes: number;
    classNames?: readonly string[];
    /** SHA-256 of the model that training started from; of `oe tune` only. */
    startedFrom?: string;
  };
  data: { role: string; name: string; count: number; fingerprint: string }[];
  /** What the outliers share with the other sets; absent when nothing was found. */
  shared?: SharedExamples[];
  /** Shares of misclassified validation examples, 0 to 1; `before` only of a model that was trained already. */
  validation?: { count: number; before?: number; error: number };
  /** Of a tuning within a budget: what was measured, and what was chosen. */
  tradeOff?: TradeOff;
  training: Pick<TrainResult, 'history' | 'seconds' | 'stallShare'>;
  versions: Record<string, string>;
  machine: ReturnType<typeof environment>['machine'];
  /** Highest resident memory of the process, in bytes. */
  peakMemoryBytes: number;
}

export function recordOf(
  command: TrainingCommand,
  settings: SharedSettings,
  parts: Pick<TrainingRecord, 'model' | 'validation' | 'tradeOff'> & {
    data: TrainingData;
    result: TrainResult;
    shared: SharedExamples[];
    startedAt: Date;
  },
): TrainingRecord {
  const { data, result, shared, startedAt, model, validation, tradeOff } = parts;
  const { history, seconds, stallShare } = result;
  return {
    command,
    startedAt: startedAt.toISOString(),
    settings: Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, value ?? null])),
    model,
    data: rolesOf(data).map(([role, { name, length, fingerprint }]) => ({
      role,
      name,
      count: length,
      fingerprint,
    })),
    ...(shared.length > 0 ? { shared } : {}),
    ...(validation ? { validation } : {}),
    ...(tradeOff ? { tradeOff } : {}),
    training: { history, seconds, stallShare },
    ...environment(),
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
}

/** What each set is for. */
export function rolesOf({ inliers, validation, outliers }: TrainingData): [string, ExampleSet][] {
  return [
    ['in-distribution train', inliers],
    ...(validation ? ([['in-distribution validation', validation]] as [string, ExampleSet][]) : []),
    ...(outliers ? ([['outliers for training', outliers]] as [string, ExampleSet][]) : []),
  ];
}

/** `model.onnx` has its record in `model.training.json`. */
export function recordPath(modelPath: string): string {
  return `${modelPath.replace(/\.onnx$/i, '')}.training.json`;
}
