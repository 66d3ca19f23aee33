/** Detectors that are ready to score, and the files that they are kept in. */
import type { Head } from '../classifier/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { readSafetensors, writeSafetensors } from '../onnx/index.ts';
import { type Algebra, plainAlgebra } from './algebra.ts';
import type { Detector, FitData, FittedState } from './detector.ts';
import type { Outputs } from './outputs.ts';
import { findDetector } from './registry.ts';
import { configured, settingsOf } from './settings.ts';

/** A detector with what it learned. */
export interface FittedDetector {
  detector: Detector;
  state: FittedState;
}

export interface FitOptions {
  /** The last linear layer, for detectors that need it. */
  head?: Head | undefined;
  /** Default: plain code. */
  algebra?: Algebra;
  signal?: AbortSignal | undefined;
}

/**
 * Fits a detector to in-distribution examples; one that learns nothing is ready as it is.
 *
 * @throws OutlierExposureError `invalid-argument` when it learns but there is no data, or the data lacks what it needs
 */
export async function fitDetector(
  detector: Detector,
  data: FitData | undefined,
  options: FitOptions = {},
): Promise<FittedDetector> {
  if (!detector.fit) return { detector, state: {} };
  if (!data) {
    throw new OutlierExposureError(
      'invalid-argument',
      `The detector ${detector.name} learns from in-distribution examples before it scores: give some, from training or calibration data.`,
    );
  }
  checkOutputs(detector, data, options.head);
  return { detector, state: await detector.fit(data, contextOf(detector, options)) };
}

/** Scores a batch; higher = more anomalous. @returns one score an example */
export async function scoreOutputs(
  { detector, state }: FittedDetector,
  outputs: Outputs,
  options: FitOptions = {},
): Promise<Float32Array> {
  checkOutputs(detector, outputs, options.head);
  return detector.score(outputs, { ...contextOf(detector, options), state });
}

function contextOf(detector: Detector, { head, algebra = plainAlgebra, signal }: FitOptions) {
  return { settings: settingsOf(detector), algebra, signal, ...(head ? { head } : {}) };
}

function checkOutputs({ name, needs }: Detector, outputs: Outputs, head: Head | undefined): void {
  for (const need of needs) {
    // Of a model's layers, which `rewrite` has seen, nothing is left in its outputs.
    if (need === 'dropout' || (need === 'head' ? head : outputs[need])) continue;
    const what = {
      logits: 'logits',
      features: "features, the last linear layer's input",
      head: "the last linear layer's weights",
      confidence: 'the output of a confidence branch',
      reject: 'the output of a reject class',
    }[need];
    throw new OutlierExposureError(
      'invalid-argument',
      `The detector ${name} needs ${what}, which ${need === 'head' ? 'were' : 'was'} not given.`,
    );
  }
}

const FORMAT = 'outlier-exposure/detector';

/** A fitted detector as a safetensors file; what comes back of it scores to the same bits. */
export function writeFitted({ detector, state }: FittedDetector): Uint8Array<ArrayBuffer> {
  const settings = JSON.stringify(settingsOf(detector));
  return writeSafetensors({
    tensors: { ...state },
    metadata: { format: FORMAT, detector: detector.name, settings },
  });
}

/**
 * Reads what {@link writeFitted} wrote.
 *
 * @param name what errors call the file
 * @throws OutlierExposureError `invalid-file` when it holds no fitted detector, or one that this version does not know
 */
export function readFitted(bytes: Uint8Array, name = 'the file'): FittedDetector {
  const { tensors, metadata } = readSafetensors(bytes, { name });
  if (metadata.format !== FORMAT || metadata.detector === undefined) {
    throw new OutlierExposureError(
      'invalid-file',
      `${name} holds tensors, but no fitted detector: give a file that \`oe threshold --save-detector\` or writeFitted wrote.`,
    );
  }
  let settings: unknown;
  try {
    settings = JSON.parse(metadata.settings ?? '{}');
  } catch {
    settings = undefined;
  }
  if (
    typeof settings !== 'object' ||
    settings === null ||
    !Object.values(settings).every((v) => typeof v === 'number')
  )
    throw new OutlierExposureError(
      'invalid-file',
      `${name} holds settings of a detector that are no numbers; write it again.`,
    );
  return {
    detector: configured(findDetector(metadata.detector), settings as Record<string, number>),
    state: tensors,
  };
}
