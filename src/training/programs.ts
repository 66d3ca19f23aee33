/** The compiled steps of a training run: one for images, and one for each length of texts. */

import { endsOf } from '../classifier/index.ts';
import { isEncodedText, type TextInput, textInput } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { Model } from '../onnx/index.ts';
import type { Loop } from '../runtime/runtime.ts';
import { BatchFeeder } from './batch-feeder.ts';
import type { Feeder, ImageTrainOptions, TextLengths, TextTrainOptions } from './feeder.ts';
import type { TrainOptions } from './options.ts';
import { compileTrainingStep, type TrainingStep } from './step.ts';
import { TextFeeder } from './text-feeder.ts';

export interface Programs {
  /** The step that a loop is made with. */
  first: TrainingStep;
  feeder: Feeder;
  /** The name of the loop's program for texts of these lengths, which it is given when it lacks it. */
  programFor(loop: Loop, lengths: TextLengths | undefined): Promise<string | undefined>;
}

/** Compiles what a run begins with, and checks its sets. */
export async function programsFor(model: Model, options: TrainOptions): Promise<Programs> {
  const { inliers, outliers } = options;
  if (outliers && isEncodedText(inliers) !== isEncodedText(outliers)) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${inliers.name}" and the outliers "${outliers.name}" are texts and images: give two sets of one kind.`,
    );
  }
  if (isEncodedText(inliers)) return textPrograms(model, options as TextTrainOptions);
  const first = await compileTrainingStep(model, options as ImageTrainOptions);
  const feeder = new BatchFeeder(options as ImageTrainOptions, first);
  return { first, feeder, programFor: async () => undefined };
}

/** Shorter texts are never fed, so that the first step is one that is likely to be needed. */
const SHORTEST = 8;

async function textPrograms(model: Model, options: TextTrainOptions): Promise<Programs> {
  const { pixels } = endsOf(model.graph);
  const input = textInput(pixels, model.graph.inputs.get(pixels));
  const compile = (lengths: TextLengths) =>
    compileTrainingStep(model, { ...options, ...sizes(input, lengths) });
  const exposed = options.outliers !== undefined && options.batch.outliers > 0;
  const firstLengths = { inliers: SHORTEST, outliers: exposed ? SHORTEST : undefined };
  const first = await compile(firstLengths);
  const feeder = new TextFeeder(options, first, input);
  const known = new Set<string>();
  return {
    first,
    feeder,
    async programFor(loop, lengths) {
      const name = nameOf(lengths!);
      if (typeof input.time === 'number' || name === nameOf(firstLengths)) return undefined;
      if (!known.has(name)) {
        await loop.add(name, (await compile(lengths!)).model);
        known.add(name);
      }
      return name;
    },
  };
}

const nameOf = ({ inliers, outliers }: TextLengths) => `${inliers} and ${outliers ?? 'no'} words`;

function sizes({ time }: TextInput, { inliers, outliers }: TextLengths) {
  const of = (length: number) => (typeof time === 'string' ? { [time]: length } : {});
  return {
    dimensions: of(inliers),
    ...(outliers === undefined ? {} : { outlierDimensions: of(outliers) }),
  };
}
