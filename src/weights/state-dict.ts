/** Finds the parameters in what a checkpoint holds, under the names that the network knows them by. */
import { OutlierExposureError } from '../errors.ts';
import type { TensorData } from '../onnx/index.ts';
import type { PickleValue } from './pickle.ts';
import type { TensorReader } from './tensor-view.ts';
import { isTensorView, type TensorView } from './torch-host.ts';

/** Where training scripts keep a state_dict beside the epoch and the optimizer. The first that is there counts. */
const KEYS = ['state_dict', 'model_state_dict', 'model', 'net', 'network', 'weights', 'params'];
/** How many dicts are looked into: real ones stand two or three deep. */
const MAX_DICTS = 100;
/** What wrapping a network puts before its parameters' names: DataParallel, torch.compile. */
const WRAPPERS = ['module.', '_orig_mod.'];

/**
 * The tensors of a saved state_dict, or of the one under `state_dict`, `model_state_dict`, `model`, `net`, `network`,
 * `weights` or `params`.
 *
 * @throws OutlierExposureError `invalid-file` when there are none
 */
export function stateDict(
  saved: PickleValue,
  { name, reader }: { name: string; reader: TensorReader },
): Map<string, TensorData> {
  const views = find(saved, new Set());
  if (!views) {
    const keys = saved instanceof Map ? [...saved.keys()].filter((key) => typeof key === 'string') : [];
    throw new OutlierExposureError(
      'invalid-file',
      `${name} holds no parameters by name${keys.length > 0 ? ` (only ${some(keys)})` : ''}: ` +
        'expected a state_dict, alone or under "state_dict" or "model"; save it by torch.save(model.state_dict(), path).',
    );
  }
  const read = [...views].map(([key, view]): [string, TensorData] => [key, reader.read(key, view)]);
  return cleanNames(new Map(read));
}

function some(keys: readonly string[]): string {
  const shown = keys.slice(0, 5).map((key) => JSON.stringify(key.slice(0, 60)));
  return `${shown.join(', ')}${keys.length > 5 ? ` and ${keys.length - 5} more` : ''}`;
}

/** @param seen a dict may hold itself, under every key */
function find(value: PickleValue | undefined, seen: Set<PickleValue>): Map<string, TensorView> | undefined {
  if (!(value instanceof Map) || seen.has(value) || seen.size > MAX_DICTS) return undefined;
  seen.add(value);
  for (const key of KEYS) {
    const inner = find(value.get(key), seen);
    if (inner) return inner;
  }
  const views = new Map<string, TensorView>();
  for (const [key, item] of value) if (typeof key === 'string' && isTensorView(item)) views.set(key, item);
  return views.size > 0 ? views : undefined;
}

/**
 * Drops what is no parameter (`num_batches_tracked`, which batch normalization counts for itself) and the prefixes
 * `module.` and `_orig_mod.` where all names have them.
 */
export function cleanNames(weights: ReadonlyMap<string, TensorData>): Map<string, TensorData> {
  let entries = [...weights].filter(([name]) => !/(^|\.)num_batches_tracked$/.test(name));
  for (;;) {
    const wrapper = WRAPPERS.find((each) => entries.every(([name]) => name.startsWith(each)));
    if (!wrapper || entries.length === 0) return new Map(entries);
    entries = entries.map(([name, tensor]) => [name.slice(wrapper.length), tensor]);
  }
}
