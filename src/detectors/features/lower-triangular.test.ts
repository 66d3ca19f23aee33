import { expect, it } from 'vitest';
import { Random } from '../../random.ts';
import { inverseOfLower } from './lower-triangular.ts';

it.each([1, 2, 5, 13])(
  'of %i rows: their product is the identity, and the upper triangle stays empty',
  (width) => {
    const random = Random.from(1, `lower ${width}`);
    const lower = Float64Array.from({ length: width * width }, (_, at) => {
      const [i, j] = [Math.floor(at / width), at % width];
      return i === j ? 1 + random.uniform() : i > j ? random.normal() : 0;
    });
    const inverse = inverseOfLower(lower, width);
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) {
        let one = 0;
        for (let k = 0; k < width; k++) one += lower[i * width + k]! * inverse[k * width + j]!;
        expect(one).toBeCloseTo(i === j ? 1 : 0, 10);
        if (j > i) expect(inverse[i * width + j]).toBe(0);
      }
    }
  },
);
