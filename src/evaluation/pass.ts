/** One way of examples through a model: the classifier itself, or what a detector made of it. */
import { BRANCHES, type Branch, type Parts } from '../classifier/index.ts';
import { type ExampleSet, isEncodedText } from '../data/index.ts';
import { type Detector, type Need, type Outputs, settingsOf } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { type Model, removeUnused, writeModel } from '../onnx/index.ts';
import type { Runtime, Session } from '../runtime/index.ts';
import { type OutputWindow, outputWindows, shapeText, type WindowOptions } from './output-windows.ts';

export interface Pass {
  /** Runs the model over the examples at `indices`; `own` is the classifier's own logits, `outputs` what detectors score. */
  windows(set: ExampleSet, indices: Uint32Array): AsyncGenerator<PassWindow, void>;
  release(): Promise<void>;
}

export interface PassWindow {
  places: Uint32Array;
  own: Outputs['logits'];
  outputs: Outputs;
}

export interface PassOptions extends WindowOptions {
  runtime: Runtime;
  parts: Parts;
}

/** Examples a call where the model that a detector makes has to be made for a number of them. */
const REWRITTEN_BATCH = 64;

/** The classifier, for all detectors that score its own outputs. */
export async function plainPass(
  model: Model,
  detectors: readonly Detector[],
  options: PassOptions,
): Promise<Pass> {
  const { parts, runtime } = options;
  const graph = model.graph.clone();
  const needs = new Set(detectors.flatMap((detector) => detector.needs));
  for (const { name, needs } of detectors) checkNeeds(name, needs, parts);
  const reads: Reads = { logits: parts.logits };
  if (needs.has('features')) {
    reads.features = parts.features!;
    if (!graph.outputs.has(parts.features!)) graph.addOutput(parts.features!);
  }
  for (const branch of BRANCHES) if (needs.has(branch)) reads[branch] = parts[branch]!;
  removeUnused(graph);
  const session = await runtime.createSession(writeModel({ ...model, graph }));
  try {
    checkLogits(session, parts.logits);
  } catch (error) {
    await session.release();
    throw error;
  }
  return passOf(session, reads, options);
}

/**
 * What a detector makes of the classifier, once the shape of the examples is known.
 *
 * @throws OutlierExposureError `unsupported` for texts
 */
export function rewrittenPass(model: Model, detector: Detector, options: PassOptions): Pass {
  const { parts, runtime, batch = REWRITTEN_BATCH } = options;
  checkNeeds(detector.name, detector.needs, parts);
  let opened: { shape: string; pass: Promise<Pass & { session: Session }> } | undefined;
  const open = async (input: readonly number[]) => {
    const context = { settings: settingsOf(detector), parts, input, runtime };
    const rewritten = await detector.rewrite!(model, context);
    const session = await runtime.createSession(writeModel(rewritten.model));
    const reads: Reads = { logits: rewritten.logits };
    if (rewritten.features !== undefined) reads.features = rewritten.features;
    return { ...passOf(session, reads, options), session };
  };
  return {
    async *windows(set, indices) {
      if (isEncodedText(set)) {
        throw new OutlierExposureError(
          'unsupported',
          `The detector ${detector.name} changes the model's input or layers, which it cannot for texts: choose one that scores logits or features.`,
        );
      }
      const declared = model.graph.inputs.get(parts.pixels)?.shape?.[0];
      const input = [typeof declared === 'number' ? declared : batch, ...set.shape];
      if (opened?.shape !== input.join()) {
        await (await opened?.pass)?.release();
        opened = { shape: input.join(), pass: open(input) };
      }
      yield* (await opened.pass).windows(set, indices);
    },
    async release() {
      await (await opened?.pass)?.release();
    },
  };
}

/** Under which name each output is read. */
type Reads = { logits: string; features?: string } & Partial<Record<Branch, string>>;

function passOf(session: Session, reads: Reads, { parts, batch, signal }: PassOptions): Pass {
  const values = [...new Set([parts.logits, ...Object.values(reads)])];
  return {
    async *windows(set, indices) {
      const ends = { pixels: parts.pixels, values };
      for await (const window of outputWindows(session, ends, set, indices, { batch, signal }))
        yield {
          places: window.places,
          own: window.outputs[parts.logits]!,
          outputs: outputsOf(window, reads),
        };
    },
    release: () => session.release(),
  };
}

function outputsOf({ outputs }: OutputWindow, reads: Reads): Outputs {
  const read = { logits: outputs[reads.logits]! } as Outputs;
  if (reads.features !== undefined) read.features = outputs[reads.features]!;
  for (const branch of BRANCHES) if (reads[branch] !== undefined) read[branch] = outputs[reads[branch]]!;
  return read;
}

function checkLogits({ outputs }: Session, logits: string): void {
  const { elementType, shape } = outputs.get(logits)!;
  if (elementType === 'float32' && (!shape || shape.length === 2)) return;
  throw new OutlierExposureError(
    'unsupported',
    `The model has no logits: they are float32 [batch, classes], but its output "${logits}" is ${elementType} ${shapeText(shape)}.`,
  );
}

/** What every classifier has, and what the detector's own rewriting looks for. */
const UNCHECKED = ['logits', 'dropout'] as const;

function checkNeeds(name: string, needs: readonly Need[], parts: Parts): void {
  const missing = needs.filter((need) => !isUnchecked(need)).find((need) => parts[need] === undefined);
  if (!missing) return;
  const why = {
    features:
      'features, and the model has no last linear layer to find them by: name them with --features (the option `features`)',
    head: `the weights of the last linear layer, and ${parts.features === undefined ? 'the model has none' : `"${parts.features}" is not its input`}`,
    confidence:
      'the output of a confidence branch, "confidence", and the model has none: train one with --objective confidence-branch',
    reject:
      'the output of a reject class, "reject", and the model has none: train one with --objective reject-class',
    dropout:
      'layers that drop units out, and the model has none: exporters often take them out; PyTorch keeps them with training=TrainingMode.PRESERVE and the model in training mode',
  }[missing];
  throw new OutlierExposureError('unsupported', `The detector ${name} needs ${why}.`);
}

function isUnchecked(need: Need): need is (typeof UNCHECKED)[number] {
  return (UNCHECKED as readonly Need[]).includes(need);
}
