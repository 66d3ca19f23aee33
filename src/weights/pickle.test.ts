/** Pickles put together by hand: what is understood, and what is refused. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutlierExposureError } from '../errors.ts';
import { type PickleHost, readPickle } from './pickle.ts';
import { readTorchLegacy } from './torch-legacy.ts';

const encoder = new TextEncoder();
/** Bytes from numbers and text, each letter of which is an instruction or an argument. */
const pickle = (...parts: (number | string)[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...encoder.encode(part)])));

const asked: string[] = [];
const host: PickleHost = {
  global: (module, name) => {
    asked.push(`${module}.${name}`);
    return { host: 'function' };
  },
  call: (_, args) => ['called', ...args],
  persistent: (id) => ['stored', id],
};
const read = (...parts: (number | string)[]) =>
  readPickle(pickle(0x80, 2, ...parts), { host, name: 'p.pt' }).value;

describe('readPickle', () => {
  it('reads numbers, text and what holds them', () => {
    expect(read('K', 7, '.')).toBe(7);
    expect(read('J', 0xff, 0xff, 0xff, 0xff, '.')).toBe(-1);
    expect(read('M', 1, 2, '.')).toBe(513);
    expect(read(0x8a, 1, 0xfe, '.')).toBe(-2);
    expect(read(0x8a, 0, '.')).toBe(0);
    expect(read(0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1, '.')).toBe(2n ** 64n);
    expect(read('G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, '.')).toBe(1.5);
    expect(read('X', 3, 0, 0, 0, 'a\u00e9', '.')).toBe('aé');
    expect(read('U', 1, 0xe9, '.')).toBe('é');
    expect(read('N', 0x88, 0x89, 0x87, '.')).toEqual([null, true, false]);
    expect(read(']', '(', 'K', 1, 'K', 2, 'e', '.')).toEqual([1, 2]);
    expect(read('}', '(', 'K', 1, 'N', 'K', 2, ')', 'u', '.')).toEqual(
      new Map<unknown, unknown>([
        [1, null],
        [2, []],
      ]),
    );
    expect(read('}', 'K', 1, 'K', 2, 's', 'K', 9, 'b', '.')).toEqual(new Map([[1, 2]]));
    expect(read('K', 5, 'q', 3, 'h', 3, 0x86, '.')).toEqual([5, 5]);
    expect(read('N', 'r', 0, 0, 0, 9, 'j', 0, 0, 0, 9, 0x86, '.')).toEqual([null, null]);
  });

  it('asks its host for all that is not a value', () => {
    asked.length = 0;
    expect(read('cos\nsystem\n', 'U', 2, 'ls', 0x85, 'R', '.')).toEqual(['called', 'ls']);
    expect(read('U', 1, 'm', 'U', 1, 'n', 0x93, ')', 'R', '.')).toEqual(['called']);
    expect(read('K', 1, 'Q', '.')).toEqual(['stored', 1]);
    expect(asked).toEqual(['os.system', 'm.n']);
  });

  it.each([
    ['nothing', []],
    ['the end of nothing', ['.']],
    ['a tuple without a mark', ['t', '.']],
    ['a pair of one', ['K', 1, 0x86, '.']],
    ['a value from before a mark', ['K', 1, '(', 0x85, '.']],
    ['an item for a number', ['K', 1, 'K', 2, 'a', '.']],
    ['a key without a value', ['}', '(', 'K', 1, 'u', '.']],
    ['a call of a number', ['K', 1, ')', 'R', '.']],
    ['a call without a tuple', ['cm\nn\n', 'K', 1, 'R', '.']],
    ['a state of a number', ['K', 1, 'K', 2, 'b', '.']],
    ['a memory of nothing', ['h', 1, '.']],
    ['storing nothing', ['q', 1, '.']],
    ['text beyond the end', ['X', 0xff, 0xff, 0xff, 0x7f, 'a.']],
    ['longer text beyond the end', [0x8d, 255, 255, 255, 255, 255, 255, 255, 255, 'a.']],
    ['text that is not UTF-8', ['X', 1, 0, 0, 0, 0xff, '.']],
    ['a name without an end', ['cos']],
    ['a protocol of the future', [0x80, 99, 'N', '.']],
  ])('refuses %s', (_, parts) => {
    expect(() => read(...parts)).toThrowError(/p\.pt is not a readable PyTorch file/);
  });

  it.each([
    ['NEWOBJ', 0x81],
    ['INST', 'i'],
    ['OBJ', 'o'],
    ['EXT1', 0x82],
    ['PERSID', 'P'],
    ['NEWOBJ_EX', 0x92],
    ['NEXT_BUFFER', 0x97],
  ])('does not know %s', (_, op) => {
    expect(() => read('(', 'N', op, '.')).toThrowError(
      expect.objectContaining({
        code: 'unsupported',
        message: expect.stringMatching(/pickle instruction 0x/),
      }),
    );
  });

  it('stops at a million instructions', () => {
    const bytes = new Uint8Array(1_100_000).fill(0x29);
    expect(() => readPickle(bytes, { host, name: 'p.pt' })).toThrowError(/more than 1000000 instructions/);
  });

  it('gives a value or a sentence for any bytes', () => {
    const ops = [...'.(NJKMGXUTCB)t]ae}suqrhjcQRb'].map((letter) => letter.charCodeAt(0));
    const byte = fc.oneof(fc.constantFrom(...ops, 0x85, 0x86, 0x87, 0x93, 0x94), fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 60 }), (bytes) => {
        try {
          readPickle(Uint8Array.from(bytes), { host, name: 'p.pt' });
        } catch (error) {
          expect(error).toBeInstanceOf(OutlierExposureError);
        }
      }),
      { numRuns: 5000 },
    );
  });
});

describe('a PyTorch file', () => {
  const beginning = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.'];
  const version = [0x80, 2, 'M', 0xe9, 3, '.'];
  const storage = [
    '(',
    'U',
    7,
    'storage',
    'ctorch\nFloatStorage\n',
    'U',
    1,
    '0',
    'U',
    3,
    'cpu',
    'K',
    1,
    'Nt',
    'Q',
  ];
  const tensor = (shape: (number | string)[], strides: (number | string)[]) => [
    'ctorch._utils\n_rebuild_tensor_v2\n',
    '(',
    ...storage,
    'K',
    0,
    ...shape,
    ...strides,
    0x89,
    'N',
    'tR',
  ];
  const saved = (...object: (number | string)[]) =>
    pickle(
      ...beginning,
      ...version,
      ...['}', '.'],
      ...['}', 'U', 1, 'w', ...object, 's', '.'],
      ...[']', 'U', 1, '0', 'a', '.'],
      ...[1, 0, 0, 0, 0, 0, 0, 0],
      ...[0, 0, 0x80, 0x3f],
    );

  it('is read', () => {
    const weights = readTorchLegacy(saved(...tensor(['K', 1, 0x85], ['K', 1, 0x85])));
    expect(weights.get('w')).toEqual({ elementType: 'float32', shape: [1], data: Float32Array.of(1) });
  });

  it.each([
    'os\nsystem',
    'builtins\neval',
    'posix\nsystem',
    'torch\nload',
    '__builtin__\napply',
    'torch\n__class__',
  ])('never comes to call %j', (global) => {
    const bytes = saved(`c${global}\n`, 'U', 4, 'true', 0x85, 'R');
    expect(() => readTorchLegacy(bytes, { name: 'evil.pt' })).toThrowError(
      expect.objectContaining({
        code: 'unsupported',
        message: expect.stringContaining(`evil.pt refers to "${global.replace('\n', '.')}"`),
      }),
    );
  });

  it('may hold itself, under every key', () => {
    const keys = ['state_dict', 'model', 'net', 'network', 'weights', 'params'];
    const inner = keys.flatMap((key) => ['U', key.length, key, 'h', 0, 's']);
    const whole = pickle(...beginning, ...version, '}.', '}', 'q', 0, ...inner, '.', '].');
    expect(() => readTorchLegacy(whole)).toThrowError(/holds no parameters by name.*and 1 more/);
  });

  it('cannot have a list copied without end', () => {
    const pairs = Array.from({ length: 2000 }, () => ['K', 1, 'K', 2, 0x86]).flat();
    const dict = 'ccollections\nOrderedDict\n';
    const again = Array.from({ length: 600 }, () => ['h', 1, 'h', 0, 0x85, 'R']).flat();
    const bytes = saved(dict, 'q', 1, ']', 'q', 0, '(', ...pairs, 'e', ...again, 'N');
    expect(() => readTorchLegacy(bytes)).toThrowError(/too many items/);
  });

  it('cannot claim more values than it stores', () => {
    const million = ['J', 0, 0, 16, 0];
    for (const strides of [
      ['K', 1, 'K', 0, 0x86],
      ['K', 0, 'K', 0, 0x86],
    ]) {
      const bytes = saved(...tensor([...million, ...million, 0x86], strides));
      expect(() => readTorchLegacy(bytes)).toThrowError(
        /"w" of shape \[1048576, 1048576\] is larger than the file/,
      );
    }
    expect(() => readTorchLegacy(saved(...tensor(['K', 2, 0x85], ['K', 1, 0x85])))).toThrowError(
      /reaches beyond the 1 values/,
    );
    expect(() =>
      readTorchLegacy(saved(...tensor(['J', 0xff, 0xff, 0xff, 0xff, 0x85], ['K', 1, 0x85]))),
    ).toThrowError(/not a whole number/);
  });
});
