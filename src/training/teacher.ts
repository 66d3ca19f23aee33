/** A second, frozen model inside a training step: what it says of the batch's in-distribution examples. */
import { OutlierExposureError } from '../errors.ts';
import { Graph, type Model } from '../onnx/index.ts';

/** What the names of all of the teacher's values begin with. */
export const TEACHER = 'teacher/';

/**
 * Adds the model's nodes and weights, as constants that nothing trains.
 *
 * @param pixels the values that it is to see, float32 [inliers, channels, height, width]
 * @param ends the names of the model's own input and output
 * @returns its logits
 * @throws OutlierExposureError `unsupported` for models with branches or loops
 */
export function addTeacher(
  graph: Graph,
  { graph: teacher }: Model,
  { pixels, ends }: { pixels: string; ends: { pixels: string; logits: string } },
): string {
  const names = new Map([
    ['', ''],
    [ends.pixels, pixels],
  ]);
  const rename = (name: string) => {
    let renamed = names.get(name);
    if (renamed === undefined) {
      renamed = graph.unique(`${TEACHER}${name}`);
      names.set(name, renamed);
    }
    return renamed;
  };
  for (const [name, tensor] of teacher.initializers) graph.initializers.set(rename(name), tensor);
  for (const node of teacher.nodes) {
    if (Object.values(node.attributes).some((value) => value instanceof Graph)) {
      throw new OutlierExposureError(
        'unsupported',
        `The teacher has a node with a graph inside (${node.op} "${node.name}"), which cannot be part of a training step: export it without branches and loops.`,
      );
    }
    graph.nodes.push({
      ...node,
      name: `${TEACHER}${node.name}`,
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
    });
  }
  return rename(ends.logits);
}
