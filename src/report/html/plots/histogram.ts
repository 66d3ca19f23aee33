/** Where the scores lie: known examples upwards, strangers downwards. */
import * as Plot from '@observablehq/plot';
import type { Html } from '../template.ts';
import { score as scoreText, share } from '../words.ts';
import { draw, FAINT, IN, OUT } from './render.ts';

export interface Histogram {
  /** The ends of the bins, one more than bins. */
  edges: number[];
  /** Shares of each kind, a bin each. */
  inShares: number[];
  outShares: number[];
}

/** Counts both kinds into equal bins over the range; what is beyond, or infinite, goes into the end bins. */
export function histogramOf(
  inliers: Float32Array,
  outliers: Float32Array,
  [low, high]: readonly [number, number],
  bins: number,
): Histogram {
  const shares = (values: Float32Array) => {
    const counts = new Array<number>(bins).fill(0);
    for (const value of values) {
      const bin = Math.floor(((value - low) / (high - low)) * bins);
      counts[Math.min(bins - 1, Math.max(0, bin))]! += 1;
    }
    return counts.map((count) => count / values.length);
  };
  return {
    edges: Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins),
    inShares: shares(inliers),
    outShares: shares(outliers),
  };
}

export interface HistogramOptions {
  threshold: number;
  n: number;
  /** What the known examples are called: digits. */
  many: string;
}

export function histogramPlot(description: string, histogram: Histogram, options: HistogramOptions): Html {
  const { threshold, n, many } = options;
  const { edges, inShares, outShares } = histogram;
  const bars = inShares.flatMap((value, i) => [
    { from: edges[i]!, to: edges[i + 1]!, share: value, sign: 1 },
    { from: edges[i]!, to: edges[i + 1]!, share: outShares[i]!, sign: -1 },
  ]);
  const [low, high] = [edges[0]!, edges.at(-1)!];
  const at = Math.min(high, Math.max(low, threshold));
  const right = (at - low) / (high - low) > 0.5;
  return draw(description, {
    width: 330,
    height: 230,
    marginLeft: 52,
    marginRight: 14,
    marginTop: 24,
    marginBottom: 42,
    x: { domain: [low, high], label: null },
    // Roots keep small bars visible beside large ones.
    y: { type: 'sqrt', domain: [-1, 1], label: null },
    marks: [
      Plot.gridY([-1, -0.5, -0.1, 0.1, 0.5, 1], { stroke: FAINT, strokeOpacity: 1 }),
      Plot.axisX({
        ticks: 5,
        tickSize: 0,
        label: 'anomaly score: sure → unsure',
        labelArrow: 'none',
        labelAnchor: 'center',
        fill: 'var(--soft)',
        tickFormat: (value: number) => String(Number(value.toFixed(2))).replace('-', '−'),
      }),
      Plot.axisY([-1, -0.5, -0.1, 0, 0.1, 0.5, 1], {
        tickSize: 0,
        label: null,
        fill: 'var(--soft)',
        tickFormat: (value: number) => `${Math.abs(100 * value)} %`,
      }),
      Plot.rect(
        bars.filter(({ share }) => share > 0),
        {
          x1: 'from',
          x2: 'to',
          y1: 0,
          y2: ({ share, sign }) => sign * share,
          fill: ({ sign }) => (sign > 0 ? IN : OUT),
          insetLeft: 0.5,
          insetRight: 0.5,
          title: ({ from, to, share: value, sign }) =>
            `${share(value)} of the ${sign > 0 ? many : 'strangers'} score ${scoreText(from)} to ${scoreText(to)}`,
        },
      ),
      Plot.ruleY([0], { stroke: 'var(--ink)' }),
      Plot.ruleX([at], { stroke: 'var(--ink)', strokeWidth: 1.5, strokeDasharray: '4,3' }),
      Plot.text([at], {
        x: (value: number) => value,
        frameAnchor: 'top',
        dy: -14,
        text: () => `${n} % found`,
        textAnchor: right ? 'end' : 'start',
        dx: right ? 3 : -3,
        fill: 'var(--ink)',
      }),
    ],
  });
}
