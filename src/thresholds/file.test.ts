import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutlierExposureError } from '../errors.ts';
import { readThreshold, type ThresholdFile, thresholdDetector, writeThreshold } from './file.ts';
import { shareOf } from './intervals.ts';

const plain: Omit<ThresholdFile, 'format' | 'version'> = {
  threshold: Math.fround(-0.1),
  detector: { name: 'energy', settings: { temperature: 0.1 + 0.2 } },
  model: { name: 'model.onnx', sha256: '0'.repeat(64) },
  rule: { fpr: 0.05 },
  interval: [-0.2, null],
  fpr: shareOf(4, 99),
  tpr: shareOf(30, 40),
  sets: [{ name: 'textures', ...shareOf(30, 40) }],
  data: [{ role: 'in-distribution calibration', name: 'in', count: 99, fingerprint: 'abc' }],
  versions: { node: '20' },
};
const bytes = (value: unknown) =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const written = writeThreshold(plain);
const changed = (change: object) => bytes({ ...(JSON.parse(written) as object), ...change });
const withDetector = (change: object) => changed({ detector: { ...plain.detector, ...change } });

describe('a file of a threshold', () => {
  it('is read as it was written, every number to the bit', () => {
    expect(readThreshold(bytes(written))).toEqual({
      format: 'outlier-exposure/threshold',
      version: 1,
      ...plain,
    });
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (threshold) => {
        const again = readThreshold(bytes(writeThreshold({ ...plain, threshold }))).threshold;
        expect(again === threshold).toBe(true);
      }),
    );
  });

  it('gives its detector with its settings', () => {
    const { detector, state } = thresholdDetector(readThreshold(bytes(written)));
    expect([detector.name, detector.settings, state]).toEqual(['energy', { temperature: 0.1 + 0.2 }, {}]);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['no JSON', bytes('{'), /guard.json is no file of a threshold: it is not JSON/],
    ['no text', Uint8Array.of(0xff, 0xfe), /is not JSON/],
    ['another format', bytes({ format: 'x', version: 1 }), /its "format" is not/],
    ['a list', bytes([]), /its "format" is not/],
    ['a later version', changed({ version: 2 }), /is of version 2 of its format, and this package reads 1/],
    ['no threshold', changed({ threshold: null }), /its "threshold" is not as expected/],
    [
      'an infinite one',
      bytes(written.replace(String(plain.threshold), '1e999')),
      /"threshold" is not as expected/,
    ],
    ['two rules', changed({ rule: { fpr: 0.1, tpr: 0.9 } }), /its "rule/],
    ['a share above 1', changed({ fpr: { ...plain.fpr, rate: 2 } }), /its "fpr.rate" is not as expected/],
    [
      'a way out',
      withDetector({ state: { file: '../x.safetensors', sha256: '0'.repeat(64) } }),
      /detector.state.file/,
    ],
    [
      'a way down',
      withDetector({ state: { file: 'a/x', sha256: '0'.repeat(64) } }),
      /name of a file in the same folder/,
    ],
    ['a drive', withDetector({ state: { file: 'C:x', sha256: '0'.repeat(64) } }), /detector.state.file/],
    ['a parent', withDetector({ state: { file: '..', sha256: '0'.repeat(64) } }), /detector.state.file/],
    ['megabytes', new Uint8Array(2 ** 20 + 1).fill(0x20), /1048577 bytes, where at most 1048576/],
  ])('is refused with a sentence: %s', (_, file, sentence) => {
    expect(() => readThreshold(file, 'guard.json')).toThrowError(OutlierExposureError);
    expect(() => readThreshold(file, 'guard.json')).toThrowError(sentence);
  });

  it.each<[string, Uint8Array, RegExp]>([
    [
      'no such detector',
      withDetector({ name: 'enrgy' }),
      /cannot be used: There is no detector "enrgy"; did you mean/,
    ],
    ['no such setting', withDetector({ settings: { heat: 1 } }), /no parameter "heat"/],
    [
      'a setting out of range',
      withDetector({ settings: { temperature: -1 } }),
      /cannot have temperature = -1/,
    ],
    ['no state', withDetector({ name: 'openmax', settings: {} }), /does not name the file that holds what/],
  ])('has a detector that cannot be used: %s', (_, file, sentence) => {
    const use = () => thresholdDetector(readThreshold(file), undefined, 'guard.json');
    expect(use).toThrowError(OutlierExposureError);
    expect(use).toThrowError(sentence);
  });

  it('damaged, is refused or read, and nothing else', () => {
    const whole = bytes(written);
    const damaged = fc.oneof(
      fc.nat(whole.length).map((length) => whole.subarray(0, length)),
      fc
        .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 })
        .map((changes) => {
          const copy = whole.slice();
          for (const [at, byte] of changes) copy[at] = byte;
          return copy;
        }),
      fc.json().map(bytes),
      fc.record({ detector: fc.jsonValue(), rule: fc.jsonValue(), sets: fc.jsonValue() }).map(changed),
    );
    fc.assert(
      fc.property(damaged, (file) => {
        try {
          thresholdDetector(readThreshold(file));
        } catch (error) {
          expect(error).toBeInstanceOf(OutlierExposureError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
