/**
 * A reader for the part of Python's pickle format that tensors are saved in. It executes nothing: of Python's
 * functions and classes it knows names alone, and asks its host what may stand for them.
 */
import { OutlierExposureError } from '../errors.ts';
import { OP } from './pickle-opcodes.ts';

/** What a pickle holds. Lists and tuples are arrays; whatever a {@link PickleHost} makes is an object of its own. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | HostObject;

/** A value that the host made; the reader only hands it around. */
export interface HostObject {
  readonly host: string;
}

/** What stands for the functions and classes that a pickle names. */
export interface PickleHost {
  /** @throws OutlierExposureError for every name that is not known to be harmless */
  global(module: string, name: string): HostObject;
  call(callee: HostObject, args: PickleValue[]): PickleValue;
  /** What the identifier of an object stored elsewhere stands for. */
  persistent(id: PickleValue): PickleValue;
}

/** A large network's state_dict takes about 30 instructions a tensor, an optimizer's state three times that. */
const MAX_INSTRUCTIONS = 1_000_000;
/** Python's newest is 5; PyTorch writes 2. */
const MAX_PROTOCOL = 5;

/**
 * Reads one pickle.
 *
 * @param start where it begins in the bytes
 * @param name what to call the file in errors
 * @returns the value, and where the pickle ends
 * @throws OutlierExposureError `invalid-file` when it is damaged, `unsupported` for instructions that no tensor needs
 */
export function readPickle(
  bytes: Uint8Array,
  { start = 0, host, name }: { start?: number; host: PickleHost; name: string },
): { value: PickleValue; end: number } {
  const fail = (detail: string): never => {
    throw new OutlierExposureError(
      'invalid-file',
      `${name} is not a readable PyTorch file: its pickle ${detail}. Save or download it again.`,
    );
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: PickleValue[] = [];
  /** Where in the stack each open mark stands. */
  const marks: number[] = [];
  const memo = new Map<number, PickleValue>();
  let at = start;

  const take = (count: number): number => {
    if (count > bytes.length - at) return fail('ends early');
    at += count;
    return at - count;
  };
  const size32 = () => view.getUint32(take(4), true);
  const size64 = () => {
    const size = view.getBigUint64(take(8), true);
    return size > BigInt(bytes.length) ? fail('ends early') : Number(size);
  };
  const slice = (count: number) => {
    const from = take(count);
    return bytes.subarray(from, from + count);
  };
  const text = (count: number, encoding: 'utf-8' | 'latin1' = 'utf-8') => {
    try {
      return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(slice(count));
    } catch (error) {
      if (error instanceof OutlierExposureError) throw error;
      return fail('holds text that is not UTF-8');
    }
  };
  const line = () => {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0) return fail('ends early');
    const value = text(end - at);
    take(1);
    return value;
  };
  const pop = (): PickleValue => {
    const value = stack.length > (marks.at(-1) ?? 0) ? stack.pop() : undefined;
    return value === undefined ? fail('takes more values than it has') : value;
  };
  const toMark = (): PickleValue[] => stack.splice(marks.pop() ?? fail('lacks a mark'));
  const top = <T extends PickleValue>(is: (value: unknown) => value is T, what: string): T => {
    const value = stack.length > (marks.at(-1) ?? 0) ? stack.at(-1) : undefined;
    return is(value) ? value : fail(`adds to something that is not a ${what}`);
  };
  const isDict = (value: unknown): value is Map<PickleValue, PickleValue> => value instanceof Map;
  const isList = (value: unknown): value is PickleValue[] => Array.isArray(value);
  const remembered = (key: number): PickleValue => {
    const value = memo.get(key);
    return value === undefined ? fail('recalls a value that it has not stored') : value;
  };
  const setItems = (items: PickleValue[]) => {
    const dict = top(isDict, 'dict');
    if (items.length % 2 !== 0) fail('gives a dict a key without a value');
    for (let i = 0; i < items.length; i += 2) dict.set(items[i]!, items[i + 1]!);
  };
  const named = (module: PickleValue, member: PickleValue): HostObject =>
    typeof module === 'string' && typeof member === 'string'
      ? host.global(module, member)
      : fail('names something by what is not text');
  const asHost = (value: PickleValue): HostObject =>
    isHostObject(value) ? value : fail('calls what is not a function');

  for (let instructions = 0; instructions < MAX_INSTRUCTIONS; instructions++) {
    const op = bytes[take(1)]!;
    switch (op) {
      case OP.stop:
        return { value: pop(), end: at };
      case OP.protocol:
        if (bytes[take(1)]! > MAX_PROTOCOL) fail('has a version that is not known');
        break;
      case OP.frame:
        take(8);
        break;
      case OP.mark:
        marks.push(stack.length);
        break;
      case OP.none:
        stack.push(null);
        break;
      case OP.true:
      case OP.false:
        stack.push(op === OP.true);
        break;
      case OP.int:
        stack.push(view.getInt32(take(4), true));
        break;
      case OP.byte:
        stack.push(bytes[take(1)]!);
        break;
      case OP.short:
        stack.push(view.getUint16(take(2), true));
        break;
      case OP.long:
        stack.push(integer(slice(bytes[take(1)]!)));
        break;
      case OP.float:
        stack.push(view.getFloat64(take(8), false));
        break;
      case OP.shortText:
        stack.push(text(bytes[take(1)]!));
        break;
      case OP.text:
        stack.push(text(size32()));
        break;
      case OP.longText:
        stack.push(text(size64()));
        break;
      case OP.shortString:
        stack.push(text(bytes[take(1)]!, 'latin1'));
        break;
      case OP.string:
        stack.push(text(size32(), 'latin1'));
        break;
      case OP.shortBytes:
        stack.push(slice(bytes[take(1)]!));
        break;
      case OP.bytes:
        stack.push(slice(size32()));
        break;
      case OP.emptyTuple:
      case OP.emptyList:
        stack.push([]);
        break;
      case OP.tuple:
        stack.push(toMark());
        break;
      case OP.tuple1:
        stack.push([pop()]);
        break;
      case OP.tuple2:
      case OP.tuple3: {
        const items = Array.from({ length: op - OP.tuple1 + 1 }, pop);
        stack.push(items.reverse());
        break;
      }
      case OP.append: {
        const item = pop();
        top(isList, 'list').push(item);
        break;
      }
      case OP.appends: {
        const items = toMark();
        const list = top(isList, 'list');
        for (const item of items) list.push(item);
        break;
      }
      case OP.emptyDict:
        stack.push(new Map());
        break;
      case OP.setItem: {
        const item = pop();
        const key = pop();
        setItems([key, item]);
        break;
      }
      case OP.setItems:
        setItems(toMark());
        break;
      case OP.put:
      case OP.longPut: {
        const key = op === OP.put ? bytes[take(1)]! : size32();
        memo.set(key, stack.at(-1) ?? (stack.length > 0 ? null : fail('stores a value that it has not')));
        break;
      }
      case OP.memoize:
        memo.set(memo.size, stack.length > 0 ? stack.at(-1)! : fail('stores a value that it has not'));
        break;
      case OP.get:
        stack.push(remembered(bytes[take(1)]!));
        break;
      case OP.longGet:
        stack.push(remembered(size32()));
        break;
      case OP.global: {
        const module = line();
        stack.push(named(module, line()));
        break;
      }
      case OP.stackGlobal: {
        const member = pop();
        stack.push(named(pop(), member));
        break;
      }
      case OP.persistent:
        stack.push(host.persistent(pop()));
        break;
      case OP.reduce: {
        const args = pop();
        const callee = asHost(pop());
        stack.push(host.call(callee, isList(args) ? args : fail('calls a function without arguments')));
        break;
      }
      case OP.build:
        // The state of an object, such as the versions that PyTorch keeps beside a state_dict.
        pop();
        top(isDict, 'dict');
        break;
      default:
        throw new OutlierExposureError(
          'unsupported',
          `${name} has the pickle instruction 0x${op.toString(16).padStart(2, '0')} at byte ${at - 1}, which tensors do not need; nothing else is read. ` +
            'Save the parameters alone, torch.save(model.state_dict(), path), or as safetensors.',
        );
    }
  }
  throw new OutlierExposureError(
    'unsupported',
    `${name} has a pickle of more than ${MAX_INSTRUCTIONS} instructions; save the parameters alone, torch.save(model.state_dict(), path).`,
  );
}

export function isHostObject(value: unknown): value is HostObject {
  return typeof value === 'object' && value !== null && 'host' in value;
}

/** Little-endian two's complement; a number where it fits one. */
function integer(bytes: Uint8Array): number | bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  value = BigInt.asIntN(8 * bytes.length, value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
