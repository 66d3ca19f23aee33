/** What a model makes of examples, as rows of numbers: for searches that compare them. */
import { endsOf } from '../classifier/index.ts';
import type { ExampleSet } from '../data/index.ts';
import { type Matrix, matrix } from '../detectors/index.ts';
import { OutlierExposureError } from '../errors.ts';
import { type Model, writeModel } from '../onnx/index.ts';
import type { Runtime } from '../runtime/index.ts';
import { outputWindows } from './output-windows.ts';

export interface FeatureReader {
  /**
   * The features of the examples at `indices`, [indices.length, width], in their order.
   *
   * @param onBatch told how many of them were done since it was last called
   * @throws OutlierExposureError `unsupported` when examples have features of different widths; as {@link outputWindows}
   */
  read(set: ExampleSet, indices: Uint32Array, onBatch?: (count: number) => void): Promise<Matrix>;
  release(): Promise<void>;
}

/**
 * Loads a model whose one output is the features. Values of any shape are taken row by row, [batch, …].
 *
 * @param model of one input, pixels in [0, 1] or texts in numbers
 */
export async function openFeatures(
  model: Model,
  { runtime, signal }: { runtime: Runtime; signal?: AbortSignal | undefined },
): Promise<FeatureReader> {
  const { pixels, logits: features } = endsOf(model.graph);
  const session = await runtime.createSession(writeModel(model));
  let known: number | undefined;
  return {
    async read(set, indices, onBatch) {
      let rows: Matrix | undefined;
      const ends = { pixels, values: [features] };
      for await (const { places, outputs } of outputWindows(session, ends, set, indices, { signal })) {
        const { data, shape } = outputs[features]!;
        const [, width] = shape;
        known ??= width;
        if (known !== width) {
          throw new OutlierExposureError(
            'unsupported',
            `The model's "${features}" has ${known} numbers for some examples of "${set.name}" and ${width} for others, so that they cannot be compared: name another value with --features.`,
          );
        }
        rows ??= matrix(new Float32Array(indices.length * width), width);
        for (const [row, place] of places.entries())
          rows.data.set(data.subarray(row * width, (row + 1) * width), place * width);
        onBatch?.(places.length);
      }
      return rows ?? { data: new Float32Array(0), shape: [0, 0] };
    },
    release: () => session.release(),
  };
}
