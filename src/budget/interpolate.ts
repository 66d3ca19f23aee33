/** Models on the straight line between two sets of weights. */
import { OutlierExposureError } from '../errors.ts';
import type { Model } from '../onnx/index.ts';

/**
 * The model with the weights w = from + share · (to − from), running statistics of normalizations among them (after
 * Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"). The two have to come from one training: of models that
 * were trained apart, the middle is no use.
 *
 * @param share 0 gives the weights of `from`, 1 those of `to`, to the bit
 * @throws OutlierExposureError `invalid-argument` when a weight of the one is missing in the other, or has another shape
 */
export function interpolateModels(from: Model, to: Model, share: number): Model {
  const graph = to.graph.clone();
  for (const [name, end] of to.graph.initializers) {
    if (end.elementType !== 'float32') continue;
    const start = from.graph.initializers.get(name);
    if (start?.elementType !== 'float32' || String(start.shape) !== String(end.shape)) {
      throw new OutlierExposureError(
        'invalid-argument',
        `Only models of one network can be mixed, but the weights "${name}" are [${end.shape.join(', ')}] in one and ${start ? `[${start.shape.join(', ')}]` : 'missing'} in the other.`,
      );
    }
    if (share === 1) continue;
    const [a, b] = [start.data as Float32Array, end.data as Float32Array];
    const data = Float32Array.from(a, (value, i) => value + share * (b[i]! - value));
    graph.initializers.set(name, { ...end, data });
  }
  return { ...to, graph, metadata: new Map(to.metadata), opsets: new Map(to.opsets) };
}
