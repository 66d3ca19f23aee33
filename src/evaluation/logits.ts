/** A model's logits for a set, a window at a time. */
import { type EncodedText, type ExampleSet, isEncodedText, takesTexts, textInput } from '../data/index.ts';
import { OutlierExposureError } from '../errors.ts';
import type { Session } from '../runtime/index.ts';
import { textWindows } from './text-windows.ts';

/** Examples a call: enough to keep the processor busy, few enough to stay in its cache. */
const BATCH = 200;

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
  if (isEncodedText(set)) return readTextLogits(session, { pixels, logits }, set, indices, onBatch);
  if (takesTexts(session.inputs.get(pixels))) {
    throw new OutlierExposureError(
      'invalid-argument',
      `"${set.name}" holds images, but the model takes texts: give a set that \`encodeTexts\` made.`,
    );
  }
  const size = set.shape[0] * set.shape[1] * set.shape[2];
  let result: Float32Array | undefined;
  let classes = 0;
  const fixed = fixedBatch(session, pixels);
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

/** A model exported for one size of batch gets that size, the last one filled up with black images or zeros. */
function fixedBatch(session: Session, input: string): number | undefined {
  const batch = session.inputs.get(input)?.shape?.[0];
  return typeof batch === 'number' ? batch : undefined;
}

/** As {@link readLogits}, of texts. */
export async function readTextLogits(
  session: Session,
  ends: { pixels: string; logits: string },
  set: EncodedText,
  indices: Uint32Array,
  onBatch: (count: number) => void,
): Promise<{ logits: Float32Array; classes: number }> {
  const input = textInput(ends.pixels, session.inputs.get(ends.pixels));
  const fixed = fixedBatch(session, ends.pixels);
  let result: Float32Array | undefined;
  let classes = 0;
  for (const window of textWindows(set, indices, { input, batch: fixed ?? BATCH })) {
    const { places, length } = window;
    const outputs = await session.run({
      [ends.pixels]: input.tokens(set, window.indices, length, fixed ?? places.length),
    });
    const { data, shape } = outputs[ends.logits]!;
    classes = shape[1]!;
    result ??= new Float32Array(indices.length * classes);
    for (const [row, place] of places.entries())
      result.set((data as Float32Array).subarray(row * classes, (row + 1) * classes), place * classes);
    onBatch(places.length);
  }
  return { logits: result!, classes };
}
