/** What a classifier says, apart from how sure it is. */
import { exampleCount } from './logits.ts';

/** The class with the highest logit for each example; the first of equals. @param logits [examples, classes] */
export function predictions(logits: Float32Array, classes: number): Int32Array {
  const predicted = new Int32Array(exampleCount(logits, classes));
  for (let i = 0; i < predicted.length; i++) {
    let best = 0;
    for (let k = 1; k < classes; k++) if (logits[i * classes + k]! > logits[i * classes + best]!) best = k;
    predicted[i] = best;
  }
  return predicted;
}
