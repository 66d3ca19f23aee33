import { describe, expect, it } from 'vitest';
import { type ImageSource, memorySource, parseNpy } from '../data/index.ts';
import { SCORE_FORMATS, scoreLines } from './score-formats.ts';

const source: ImageSource = memorySource({
  name: 'set',
  shape: [1, 1, 1],
  pixels: new Float32Array(3),
  labels: Int32Array.of(1, 0, 1),
  fingerprint: '',
});
const batch = {
  from: 1,
  scores: Float32Array.of(-0.9, Number.NaN),
  predicted: Int32Array.of(0, 1),
  confidence: Float32Array.of(0.9, 0.5),
};

describe('scoreLines', () => {
  it('with a threshold, whether each is an outlier, and what has no score is one', () => {
    const two = { ...batch, scores: Float32Array.of(-0.9, -0.5), from: 0 };
    const outliers = (scores: Float32Array, threshold?: number) =>
      String(scoreLines('jsonl', source, { threshold }).ofBatch({ ...two, scores }))
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { outlier?: boolean }).outlier);
    expect(outliers(two.scores, Math.fround(-0.5))).toEqual([false, true]);
    expect(outliers(Float32Array.of(Number.NaN, 0), 1)).toEqual([true, false]);
    expect(outliers(two.scores)).toEqual([undefined, undefined]);
    const csv = scoreLines('csv', source, { threshold: -0.7 });
    expect(csv.head).toBe('index,label,predicted,confidence,score,outlier\n');
    expect(String(csv.ofBatch(two)).split('\n')[1]).toMatch(/,-0.5,true$/);
    const plain = scoreLines('npy', source).ofBatch(two);
    expect(scoreLines('npy', source, { threshold: 0 }).ofBatch(two)).toEqual(plain);
  });

  it('jsonl: a line an image, with what the set knows of it', () => {
    const lines = scoreLines(
      'jsonl',
      { ...source, classNames: ['cat', 'dog'], nameOf: (index) => `${index}.png` },
      { classes: ['no', 'yes'] },
    );
    const [first, second, rest] = String(lines.ofBatch(batch)).split('\n');
    expect(lines.head).toBe('');
    expect(JSON.parse(first!)).toEqual({
      index: 1,
      file: '1.png',
      label: 'cat',
      predicted: 'no',
      confidence: 0.899999976,
      score: -0.899999976,
    });
    // JSON has no NaN.
    expect(JSON.parse(second!)).toMatchObject({ index: 2, label: 'dog', predicted: 'yes', score: null });
    expect(rest).toBe('');
  });

  it('csv: quotes what must be quoted, and numbers that are the same float32', () => {
    const lines = scoreLines('csv', { ...source, nameOf: (index) => `a,"${index}".png` });
    expect(lines.head).toBe('index,file,label,predicted,confidence,score\n');
    const [first, second] = String(lines.ofBatch(batch)).split('\n');
    expect(first).toBe('1,"a,""1"".png",0,0,0.899999976,-0.899999976');
    expect(second).toBe('2,"a,""2"".png",1,1,0.5,NaN');
    expect(Math.fround(Number(first!.split(',').at(-1)))).toBe(Math.fround(-0.9));
    const { labels: _, ...unlabelled } = source;
    expect(scoreLines('csv', unlabelled).head).toBe('index,predicted,confidence,score\n');
  });

  it.each([0, 3, 2_000_000])('npy: a header for %d scores, then their bytes', (count) => {
    const lines = scoreLines('npy', { ...source, length: count });
    const scores = Float32Array.from({ length: count }, (_, i) => i / 7);
    const halves = [scores.subarray(0, count >> 1), scores.subarray(count >> 1)];
    const file = Buffer.concat([
      Buffer.from(lines.head as Uint8Array),
      ...halves.map((part) => Buffer.from(lines.ofBatch({ ...batch, scores: part }) as Uint8Array)),
    ]);
    const { data, shape } = parseNpy(file);
    expect(shape).toEqual([count]);
    expect(Buffer.from(data.buffer).equals(Buffer.from(scores.buffer))).toBe(true);
  });

  it('are all formats that there are', () => {
    for (const format of SCORE_FORMATS)
      expect(scoreLines(format, source).ofBatch(batch).length).toBeGreaterThan(0);
  });
});
