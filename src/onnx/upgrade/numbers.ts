/** Numbers that were attributes and became inputs. */
import { type Rewrite, setInput, taken, takenFloat } from './rewrite.ts';

/** Clip (11): its bounds become inputs. */
export const clipBounds: Rewrite = (node, { root }) => {
  for (const [i, name] of ['min', 'max'].entries()) {
    const bound = takenFloat(node, name);
    if (bound !== undefined) setInput(node, i + 1, root.scalar(bound));
  }
  return undefined;
};

/** Pad (11): widths and value become inputs. */
export const padInputs: Rewrite = (node, { root }) => {
  const pads = taken(node, 'pads') as readonly number[] | undefined;
  const value = takenFloat(node, 'value');
  if (pads !== undefined) setInput(node, 1, root.ints(pads));
  if (value) setInput(node, 2, root.scalar(value));
  return undefined;
};

/** Dropout (12): its ratio becomes an input; as an attribute it was only for training, as it is without a third input. */
export const dropoutRatio: Rewrite = (node, { root }) => {
  const ratio = takenFloat(node, 'ratio');
  if (ratio !== undefined) setInput(node, 1, root.scalar(ratio));
  return undefined;
};
