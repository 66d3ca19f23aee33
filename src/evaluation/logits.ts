/** A model's logits for a set, all at once. */
import type { ExampleSet } from '../data/index.ts';
import type { Session } from '../runtime/index.ts';
import { outputWindows } from './output-windows.ts';

/**
 * Runs a model over the images or texts at `indices`.
 *
 * @param ends the names of the model's input and output
 * @param onBatch told how many of them were done since it was last called
 * @returns the logits, [indices.length, classes], row-major
 * @throws OutlierExposureError `invalid-argument` for texts where the model takes images, and the other way round
 */
export async function readLogits(
  session: Session,
  { pixels, logits }: { pixels: string; logits: string },
  set: ExampleSet,
  indices: Uint32Array,
  onBatch: (count: number) => void,
): Promise<{ logits: Float32Array; classes: number }> {
  let result: Float32Array | undefined;
  let classes = 0;
  for await (const { places, outputs } of outputWindows(
    session,
    { pixels, values: [logits] },
    set,
    indices,
  )) {
    const { data, shape } = outputs[logits]!;
    classes = shape[1];
    result ??= new Float32Array(indices.length * classes);
    for (const [row, place] of places.entries())
      result.set(data.subarray(row * classes, (row + 1) * classes), place * classes);
    onBatch(places.length);
  }
  return { logits: result ?? new Float32Array(0), classes };
}
