/** What stands for the few PyTorch functions and classes that saved tensors name. Nothing of it is Python. */
import { OutlierExposureError } from '../errors.ts';
import type { ElementType } from '../onnx/index.ts';
import { type HostObject, isHostObject, type PickleHost, type PickleValue } from './pickle.ts';

/** Values in a row, whose bytes stand elsewhere in the file. */
export interface Storage extends HostObject {
  readonly host: 'storage';
  readonly key: string;
  readonly elementType: StoredType;
  /** How many values. */
  readonly length: number;
}

/** A tensor as a file describes it: a view of a storage. Numbers count values, not bytes; none is checked yet. */
export interface TensorView extends HostObject {
  readonly host: 'tensor';
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

type StoredType = Exclude<ElementType, 'string' | 'uint16' | 'uint32' | 'uint64'>;

interface StorageClass extends HostObject {
  readonly host: 'storage class';
  readonly elementType: StoredType;
}

interface Callable extends HostObject {
  readonly host: 'function';
  call(args: readonly PickleValue[]): PickleValue;
}

const STORAGES: Readonly<Record<string, StoredType>> = {
  FloatStorage: 'float32',
  DoubleStorage: 'float64',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
};

/** How many items all dicts made of lists may have together, so that no list is copied without end. */
const MAX_ITEMS = 1_000_000;
/** More dimensions than any layer has. */
const MAX_RANK = 16;

/**
 * The host for a PyTorch file's pickle.
 *
 * Known are `collections.OrderedDict`, `torch._utils._rebuild_tensor`, `_rebuild_tensor_v2`, `_rebuild_parameter` and
 * the storage classes `torch.FloatStorage` and so on.
 *
 * @param name what to call the file in errors
 * @returns the host, and the storages that were named, by their keys
 * @throws OutlierExposureError from the host: `unsupported` for every other global, with its name
 */
export function torchHost(name: string): { host: PickleHost; storages: Map<string, Storage> } {
  const storages = new Map<string, Storage>();
  let itemsLeft = MAX_ITEMS;
  const fail = (detail: string): never => {
    throw new OutlierExposureError(
      'invalid-file',
      `${name} is not a readable PyTorch file: ${detail}. Save or download it again.`,
    );
  };
  const count = (value: PickleValue | undefined): number =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
      ? value
      : fail('it counts a tensor by what is not a whole number');
  const counts = (value: PickleValue | undefined): number[] =>
    Array.isArray(value) && value.length <= MAX_RANK
      ? value.map(count)
      : fail('it gives a tensor no proper shape and strides');

  const rebuildTensor = (args: readonly PickleValue[]): TensorView => {
    const [storage, offset, shape, strides] = args;
    if (!isStorage(storage)) return fail('it makes a tensor of what is not a storage');
    const view = {
      host: 'tensor' as const,
      storage,
      offset: count(offset),
      shape: counts(shape),
      strides: counts(strides),
    };
    if (view.shape.length !== view.strides.length) fail('a tensor has as many sizes as strides');
    return view;
  };
  const functions: Readonly<Record<string, (args: readonly PickleValue[]) => PickleValue>> = {
    'collections.OrderedDict': ([items = []]) => {
      const dict = new Map<PickleValue, PickleValue>();
      // Python 2 gives its items as pairs.
      const pairs = Array.isArray(items) ? items : fail('it makes a dict of what is not a list');
      if ((itemsLeft -= pairs.length) < 0) fail('it has too many items');
      for (const pair of pairs)
        if (Array.isArray(pair) && pair.length === 2) dict.set(pair[0]!, pair[1]!);
        else fail('it makes a dict of what is not pairs');
      return dict;
    },
    'torch._utils._rebuild_tensor': rebuildTensor,
    'torch._utils._rebuild_tensor_v2': rebuildTensor,
    'torch._utils._rebuild_parameter': ([tensor]) =>
      isTensorView(tensor) ? tensor : fail('it makes a parameter of what is not a tensor'),
  };

  const host: PickleHost = {
    global(module, member) {
      const full = `${module}.${member}`;
      if (Object.hasOwn(functions, full)) {
        return { host: 'function', call: functions[full]! } satisfies Callable as HostObject;
      }
      if (module === 'torch' && Object.hasOwn(STORAGES, member)) {
        return { host: 'storage class', elementType: STORAGES[member]! } satisfies StorageClass as HostObject;
      }
      throw new OutlierExposureError(
        'unsupported',
        `${name} refers to ${JSON.stringify(full)}, but only tensors are read from PyTorch files, and nothing in them is executed: ` +
          'save the parameters alone, torch.save(model.state_dict(), path), or as safetensors.',
      );
    },
    call: (callee, args) =>
      callee.host === 'function' ? (callee as Callable).call(args) : fail('it calls what is not a function'),
    persistent(id) {
      const [kind, type, key, , length, part = null] = Array.isArray(id) ? id : [];
      if (kind !== 'storage' || !isHostObject(type) || type.host !== 'storage class') {
        return fail('it refers to something that is not a storage');
      }
      if (part !== null) {
        throw new OutlierExposureError(
          'unsupported',
          `${name} keeps a storage as a part of another, as PyTorch did before 0.4: load it in a newer one and save its state_dict again.`,
        );
      }
      if (typeof key !== 'string') return fail('it names a storage by what is not text');
      const { elementType } = type as StorageClass;
      const known = storages.get(key);
      if (known && (known.elementType !== elementType || known.length !== length)) {
        return fail(`it describes the storage "${key}" in two ways`);
      }
      const storage = known ?? { host: 'storage', key, elementType, length: count(length) };
      storages.set(key, storage);
      return storage;
    },
  };
  return { host, storages };
}

function isStorage(value: PickleValue | undefined): value is Storage {
  return isHostObject(value) && value.host === 'storage';
}

export function isTensorView(value: unknown): value is TensorView {
  return isHostObject(value) && value.host === 'tensor';
}
