/** A model's logits for a set of images, a window at a time. */
import type { ImageSource } from '../data/source.ts';
import type { Session } from '../runtime/index.ts';

/** Images a call: enough to keep the processor busy, few enough to stay in its cache. */
const BATCH = 200;

/**
 * Runs a model over the images at `indices`.
 *
 * @param ends the names of the model's input and output
 * @param onBatch told how many images were done since it was last called
 * @returns the logits, [indices.length, classes], row-major
 */
export async function readLogits(
  session: Session,
  { pixels, logits }: { pixels: string; logits: string },
  set: ImageSource,
  indices: Uint32Array,
  onBatch: (count: number) => void,
): Promise<{ logits: Float32Array; classes: number }> {
  const size = set.shape[0] * set.shape[1] * set.shape[2];
  let result: Float32Array | undefined;
  let classes = 0;
  // A model exported for one size of batch gets that size, the last one filled up with black images.
  const batch = session.inputs.get(pixels)?.shape?.[0];
  const fixed = typeof batch === 'number' ? batch : undefined;
  for (let start = 0; start < indices.length; start += fixed ?? BATCH) {
    const window = indices.subarray(start, start + (fixed ?? BATCH));
    const fed = fixed ?? window.length;
    const data = new Float32Array(fed * size);
    await set.read(window, data);
    const outputs = await session.run({
      [pixels]: { elementType: 'float32', shape: [fed, ...set.shape], data },
    });
    const values = outputs[logits]!;
    classes = values.shape[1]!;
    result ??= new Float32Array(indices.length * classes);
    result.set((values.data as Float32Array).subarray(0, window.length * classes), start * classes);
    onBatch(window.length);
  }
  return { logits: result!, classes };
}
