import { describe, expect, it } from 'vitest';
import { checkShape, shapeOfSize } from './index.ts';

describe('shapeOfSize', () => {
  it('takes what the model says, and what it leaves open from the size', () => {
    expect(shapeOfSize([3, 'h', undefined], { height: 224, width: 320 })).toEqual([3, 224, 320]);
    expect(shapeOfSize(['c', 'h', 'w'], { channels: 1, height: 8, width: 9 })).toEqual([1, 8, 9]);
    expect(shapeOfSize([3, 12, 12], { height: 12, width: 12 })).toEqual([3, 12, 12]);
  });

  it('says what does not fit', () => {
    expect(() => shapeOfSize([undefined, 'h', 'w'], { height: 224, width: 320 }, 'a.onnx')).toThrow(
      'a.onnx leaves the number of channels open: say it too, as in 3x224x320.',
    );
    for (const size of [
      { height: 13, width: 12 },
      { channels: 1, height: 12, width: 12 },
    ])
      expect(() => shapeOfSize([3, 12, 'w'], size)).toThrow(/takes images of \[3, 12, w\]/);
    expect(() => checkShape([3, 12, 'w'], [3, 12, 99])).not.toThrow();
  });
});
