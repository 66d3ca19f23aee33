/** Axes and sizes that were attributes and became inputs. */
import { type Rewrite, setInput, taken } from './rewrite.ts';

/** Squeeze, Unsqueeze, ReduceSum (13), the other reductions (18): `axes` becomes the second input. */
export const axesAsInput: Rewrite = (node, { root }) => {
  const axes = taken(node, 'axes') as readonly number[] | undefined;
  if (axes !== undefined) setInput(node, 1, root.ints(axes));
  return undefined;
};

/** Split (13): the sizes of its parts become an input. */
export const splitAsInput: Rewrite = (node, { root }) => {
  const sizes = taken(node, 'split') as readonly number[] | undefined;
  if (sizes !== undefined) setInput(node, 1, root.ints(sizes));
  return undefined;
};

/** Split (18): without sizes it is told how many parts it makes. */
export const splitCount: Rewrite = (node) => {
  if (!node.inputs[1]) node.attributes = { ...node.attributes, num_outputs: node.outputs.length };
  return undefined;
};

/** Slice (10): starts, ends and axes become inputs. */
export const sliceAsInputs: Rewrite = (node, { root }) => {
  for (const [i, name] of ['starts', 'ends', 'axes'].entries()) {
    const values = taken(node, name) as readonly number[] | undefined;
    if (values !== undefined) setInput(node, i + 1, root.ints(values));
  }
  return undefined;
};

/** TopK (10): k becomes an input. */
export const topKAsInput: Rewrite = (node, { root }) => {
  const k = taken(node, 'k');
  if (typeof k === 'number') setInput(node, 1, root.ints([k]));
  return undefined;
};
