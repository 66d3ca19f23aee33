/** Upsample (9) and Resize (10, 11) as today's Resize. */
import { FloatsAttribute } from '../graph.ts';
import { float32 } from '../tensor.ts';
import { type Rewrite, setInput, storedTensor, taken } from './rewrite.ts';

/** How Upsample and the first Resize found the source of a pixel. */
const ASYMMETRIC = { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };

/** Upsample (7): its scales were an attribute. */
export const upsampleScales: Rewrite = (node, { root }) => {
  const scales = taken(node, 'scales');
  if (scales instanceof FloatsAttribute)
    setInput(node, 1, root.constant(float32([...scales.values], [scales.values.length]), 'scales'));
  return undefined;
};

/** Upsample, and Resize before 11: scales move behind the region of interest, which they did not have. */
export const resizeFromScales: Rewrite = (node) => {
  const [x, scales] = node.inputs as [string, string];
  node.op = 'Resize';
  node.inputs = [x, '', scales];
  node.attributes = { ...node.attributes, ...ASYMMETRIC };
  return undefined;
};

/** Resize (13): what is empty is left out; one mode of coordinates was taken back. */
export const resizeOptionalInputs: Rewrite = (node, context) => {
  for (const place of [1, 2]) {
    const name = node.inputs[place];
    if (name && storedTensor(name, context)?.data.length === 0) node.inputs[place] = '';
  }
  // Sizes win where both are given, as exporters of opset 11 wrote them.
  if (node.inputs[3]) node.inputs[2] = '';
  if (node.attributes.coordinate_transformation_mode === 'tf_half_pixel_for_nn')
    node.attributes = { ...node.attributes, coordinate_transformation_mode: 'half_pixel' };
  return undefined;
};
