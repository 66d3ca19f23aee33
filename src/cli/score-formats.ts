/** Scores as lines of text or as .npy, a batch at a time. */
import { type ExampleSet, encodeNpy, isEncodedText } from '../data/index.ts';
import type { ScoredBatch } from '../evaluation/index.ts';
import { isOutlier } from '../thresholds/index.ts';

export const SCORE_FORMATS = ['jsonl', 'csv', 'npy'] as const;
export type ScoreFormat = (typeof SCORE_FORMATS)[number];

export interface ScoreLines {
  /** What stands before the first batch. */
  head: Uint8Array | string;
  ofBatch(batch: ScoredBatch): Uint8Array | string;
}

/** A line's parts: the example's number, its file or text and its own label where it has them, and what the model says. */
export function scoreLines(
  format: ScoreFormat,
  source: ExampleSet,
  {
    classes,
    threshold,
  }: {
    /** What the model calls its classes. */
    classes?: readonly string[] | undefined;
    /** From which score on an example is said to be an outlier; nothing is said without it, nor in .npy. */
    threshold?: number | undefined;
  } = {},
): ScoreLines {
  if (format === 'npy') return npyScores(source.length);
  const { labels, classNames } = source;
  const lineOf = format === 'jsonl' ? jsonLine : csvLine;
  const [column, nameOf] = isEncodedText(source)
    ? (['text', source.text] as const)
    : (['file', source.nameOf] as const);
  return {
    head:
      format === 'csv'
        ? `index${nameOf ? `,${column}` : ''}${labels ? ',label' : ''},predicted,confidence,score${threshold === undefined ? '' : ',outlier'}\n`
        : '',
    ofBatch({ from, scores, predicted, confidence }) {
      let text = '';
      for (let i = 0; i < scores.length; i++) {
        text += lineOf({
          index: from + i,
          ...(nameOf ? { [column]: nameOf(from + i) } : {}),
          ...(labels ? { label: className(classNames, labels[from + i]!) } : {}),
          predicted: className(classes, predicted[i]!),
          confidence: float32(confidence[i]!),
          score: float32(scores[i]!),
          ...(threshold === undefined ? {} : { outlier: isOutlier(scores[i]!, threshold) }),
        });
      }
      return text;
    },
  };
}

type Line = Record<string, string | number | boolean | undefined>;

const jsonLine = (line: Line): string => `${JSON.stringify(line)}\n`;

const csvLine = (line: Line): string =>
  `${Object.values(line)
    .map((value) =>
      typeof value === 'string' && /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value,
    )
    .join(',')}\n`;

/** A class by its name where it has one, else by its number. */
function className(names: readonly string[] | undefined, index: number): string | number {
  return names?.[index] ?? index;
}

/** The shortest number that is the same float32, as near as makes no difference: nine digits tell all apart. */
function float32(value: number): number {
  return Number(value.toPrecision(9));
}

/** The header first, which says how many scores there will be; then their bytes. */
function npyScores(count: number): ScoreLines {
  // The header of an array of no values is as long as that of any: its length is rounded up.
  const whole = encodeNpy(new Float32Array(0), [0]);
  const text = new TextDecoder('latin1').decode(whole.subarray(10));
  const counted = text
    .trimEnd()
    .replace('(0,)', `(${count},)`)
    .padEnd(text.length - 1);
  const head = whole.slice();
  head.set(new TextEncoder().encode(`${counted}\n`), 10);
  return {
    head,
    ofBatch: ({ scores }) => new Uint8Array(scores.buffer, scores.byteOffset, scores.byteLength).slice(),
  };
}
