import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutlierExposureError } from '../errors.ts';
import { parseConfiguration } from './parse.ts';
import { resolveSettings } from './resolve.ts';

const parse = (text: string, command: 'train' | 'tune' = 'train') =>
  parseConfiguration(text, { name: 'run.yaml', command });

describe('parseConfiguration', () => {
  it('reads YAML and JSON', () => {
    const expected = { arch: 'wrn-16-2', in: ['a.npy', 'b.npy'], epochs: 3, mean: [0.5] };
    expect(
      parse('# a run\narch: wrn-16-2\nin:\n  - a.npy\n  - b.npy\nepochs: 3\nmean: [0.5]\nlabels:\n'),
    ).toEqual(expected);
    expect(parse(JSON.stringify(expected))).toEqual(expected);
    expect(parse('')).toEqual({});
    expect(parse('# nothing yet\n')).toEqual({});
  });

  it.each([
    [
      'an unknown setting',
      'arch: convnet\nepoch: 3\n',
      /^run\.yaml:2: "epoch" is no setting; did you mean "epochs"/,
    ],
    ['a flag for a name', 'learning-rate: 3\n', /did you mean "learningRate"\?/],
    [
      'a setting of the other command',
      '\n\nmodel: m.onnx\n',
      /^run\.yaml:3: .* setting of oe tune, not of oe train/,
    ],
    [
      'a word for a number',
      'in: a.npy\nepochs: ten\n',
      /^run\.yaml:2: epochs is "ten", but .* whole number, 1 or more/,
    ],
    ['a number out of range', 'validationSplit: 1\n', /^run\.yaml:1: .* number from 0 to below 1/],
    ['an unknown choice', 'augment: flop\n', /one of none, flip, crop, crop-flip/],
    ['a list for one', 'labels: [a, b]\n', /labels is \["a","b"\], but it must be the path of a file/],
    ['a text', 'just words\n', /^run\.yaml:1: settings were expected/],
    ['a list', '- arch\n', /settings were expected/],
    ['what is no YAML', 'in: a\n  b: [\n', /^run\.yaml:\d: this is no YAML/],
    ['a setting twice', 'epochs: 1\nepochs: 2\n', /^run\.yaml:2: .*unique/],
    [
      'what never ends',
      `a: &a [x,x]\n${'bcdefghij'.replaceAll(/./g, (c) => `${c}: &${c} [*${String.fromCharCode(c.charCodeAt(0) - 1)},*${String.fromCharCode(c.charCodeAt(0) - 1)},*${String.fromCharCode(c.charCodeAt(0) - 1)}]\n`)}`,
      /run\.yaml.*: .*(aliases|no setting)/,
    ],
    ['far too much', `#${'x'.repeat(2 ** 20)}`, /too many/],
  ])('refuses %s with its line', (_, text, message) => {
    expect(() => parse(text)).toThrowError(message);
    expect(() => parse(text)).toThrowError(OutlierExposureError);
  });

  it('takes any text for settings or says why not', () => {
    const sample = 'arch: wrn-16-2\nin: [a.npy, "b"]\nepochs: 3 # three\nmean: [0.5]\nlambda: 5e-1\n';
    const mutated = fc
      .array(
        fc.tuple(
          fc.nat(sample.length),
          fc.constantFrom('', '\n', ':', '[', '{', '&a ', '*a', '!!js/x ', '"', '- ', '\u0000'),
        ),
        {
          maxLength: 6,
        },
      )
      .map((edits) =>
        edits.reduce((text, [at, put]) => text.slice(0, at) + put + text.slice(at + 1), sample),
      );
    fc.assert(
      fc.property(fc.oneof(fc.string(), mutated), (text) => {
        try {
          expect(typeof parse(text)).toBe('object');
        } catch (error) {
          expect(error).toBeInstanceOf(OutlierExposureError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('resolveSettings', () => {
  it('lays flags over the file, and the file over the defaults', () => {
    const resolved = resolveSettings('tune', {
      flags: { epochs: 2, out: 'tuned.onnx' },
      file: { epochs: 3, model: 'm.onnx', in: 'a.npy', outliers: 'o.npy', lambda: 1 },
    });
    expect(resolved).toMatchObject({
      epochs: 2,
      lambda: 1,
      learningRate: 0.001,
      batch: 128,
      outlierBatch: 256,
    });
    expect(resolved).not.toHaveProperty('arch');
    expect(
      resolveSettings('train', { flags: { arch: 'convnet', in: 'a', out: 'o' }, file: {} }),
    ).toMatchObject({
      epochs: 100,
      learningRate: 0.1,
    });
  });

  it('has other defaults for texts, and refuses what is for images', () => {
    const flags = { arch: 'gru', in: 'a', out: 'o', textColumn: 'body' };
    const resolved = resolveSettings('train', { flags, file: {}, kind: 'texts' });
    expect(resolved).toMatchObject({
      epochs: 5,
      optimizer: 'adam',
      lambda: 1,
      maxTokens: 100,
      textColumn: 'body',
    });
    for (const name of ['augment', 'normalize', 'resize']) expect(resolved).not.toHaveProperty(name);
    expect(() =>
      resolveSettings('train', { flags: { ...flags, augment: 'flip' }, file: {}, kind: 'texts' }),
    ).toThrowError(/--augment is for images, but the classifier takes texts/);
    expect(() => resolveSettings('train', { flags, file: {} })).toThrowError(/--text-column is for texts/);
  });

  it('says what is missing, by flag and by name', () => {
    expect(() => resolveSettings('tune', { flags: { model: 'm', in: 'a' }, file: {} })).toThrowError(
      /oe tune needs --outliers \(or "outliers" in the configuration file\)/,
    );
    expect(() => resolveSettings('train', { flags: { arch: 'convnet', in: 'a' }, file: {} })).toThrowError(
      /needs --out /,
    );
  });
});
