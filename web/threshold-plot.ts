/** Histograms of what is known and what is strange, with the threshold as a line that can be dragged. */
import { chooseThreshold, flaggedShare } from 'outlier-exposure';
import { confidenceText, fromScore, highEnd, LOW, ticks, toScore } from './axis.ts';
import { make, makeSvg, percent, setAttributes } from './element.ts';

const BINS = 36;
const [WIDTH, HEIGHT, SIDE, TOP, BOTTOM] = [360, 190, 10, 12, 36];
const BASE = HEIGHT - BOTTOM;
/** The false alarms that the line first stands for. */
const FIRST_FPR = 0.05;
/** What keys move the line by, on the axis. */
const [STEP, LEAP] = [0.1, 1];

export interface ThresholdPlot {
  figure: HTMLElement;
  /** What scores at least this is called an outlier. */
  readonly threshold: number;
  show(sets: { inliers: Float32Array; outliers: Float32Array; name: string }): void;
  /** Marks the score of what is looked at. */
  mark(score: number | undefined): void;
}

/**
 * @param model what it is called
 * @param subject what the in-distribution examples are: digits
 * @param onMove told the new threshold
 */
export function thresholdPlot(
  {
    model,
    subject,
    classes,
    inliers,
  }: { model: string; subject: string; classes: number; inliers: Float32Array },
  onMove: () => void,
): ThresholdPlot {
  const high = highEnd(classes);
  const place = (x: number) => SIDE + ((x - LOW) / (high - LOW)) * (WIDTH - 2 * SIDE);
  let threshold = chooseThreshold(inliers, { fpr: Math.max(FIRST_FPR, 1 / (inliers.length + 1)) }).threshold;
  let shown: Parameters<ThresholdPlot['show']>[0] = { inliers, outliers: new Float32Array(0), name: '' };

  const bars = makeSvg('g');
  const you = makeSvg('path', { class: 'you', visibility: 'hidden' });
  const line = makeSvg('line', { class: 'line', y1: TOP - 4, y2: BASE + 4 });
  const grip = makeSvg('circle', { class: 'grip', r: 8, cy: TOP + 6 });
  const hold = makeSvg('rect', { class: 'hold', width: 36, y: 0, height: HEIGHT - 16 });
  const slider = makeSvg(
    'g',
    { role: 'slider', tabindex: 0, 'aria-label': `Threshold of ${model}`, 'aria-orientation': 'horizontal' },
    hold,
    line,
    grip,
  );
  const axis = makeSvg('line', { class: 'axis', x1: SIDE, x2: WIDTH - SIDE, y1: BASE, y2: BASE });
  const labels = ticks(high).map(({ x, label }) =>
    makeSvg('text', { x: place(x), y: BASE + 16, 'text-anchor': 'middle' }, label),
  );
  const about = makeSvg('text', { x: SIDE, y: HEIGHT - 4, 'text-anchor': 'start' }, 'confidence; unsure →');
  const svg = makeSvg(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}` },
    bars,
    axis,
    ...labels,
    about,
    you,
    slider,
  );
  const rates = make('p', { class: 'rates' });
  const figure = make(
    'figure',
    { class: 'threshold' },
    make('figcaption', {}, model),
    svg as unknown as Node,
    rates,
  );

  const draw = () => {
    const x = place(fromScore(threshold));
    setAttributes(line, { x1: x, x2: x });
    setAttributes(grip, { cx: x });
    setAttributes(hold, { x: x - 18 });
    const fpr = flaggedShare(shown.inliers, threshold).rate;
    const tpr = shown.outliers.length > 0 ? flaggedShare(shown.outliers, threshold).rate : 0;
    const limit = confidenceText(threshold);
    setAttributes(slider, {
      'aria-valuemin': LOW.toFixed(2),
      'aria-valuemax': high.toFixed(2),
      'aria-valuenow': fromScore(threshold).toFixed(2),
      'aria-valuetext': `less than ${limit} sure is an outlier: false alarms ${percent(fpr)}, found ${percent(tpr)}`,
    });
    rates.replaceChildren(
      make('span', {}, `Less than ${limit} sure: an outlier`),
      make('span', { class: 'fpr' }, make('b', { class: 'in-text' }, 'FPR '), percent(fpr)),
      make('span', { class: 'tpr' }, make('b', { class: 'out-text' }, 'TPR '), percent(tpr)),
    );
  };
  const move = (x: number) => {
    threshold = toScore(Math.min(high, Math.max(LOW, x)));
    draw();
    onMove();
  };

  const follow = (event: PointerEvent) => {
    const { left, width } = svg.getBoundingClientRect();
    const at = ((event.clientX - left) / width) * WIDTH;
    move(LOW + ((at - SIDE) / (WIDTH - 2 * SIDE)) * (high - LOW));
  };
  svg.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    svg.setPointerCapture(event.pointerId);
    slider.focus();
    event.preventDefault();
    follow(event);
  });
  svg.addEventListener('pointermove', (event) => {
    if (svg.hasPointerCapture(event.pointerId)) follow(event);
  });
  slider.addEventListener('keydown', (event) => {
    const x = fromScore(threshold);
    const to: Record<string, number> = {
      ArrowLeft: x - STEP,
      ArrowDown: x - STEP,
      ArrowRight: x + STEP,
      ArrowUp: x + STEP,
      PageDown: x - LEAP,
      PageUp: x + LEAP,
      Home: LOW,
      End: high,
    };
    const wanted = to[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    move(wanted);
  });

  return {
    figure,
    get threshold() {
      return threshold;
    },
    show(sets) {
      shown = sets;
      const shares = [sets.inliers, sets.outliers].map((scores) => sharesOf(scores, high));
      // The square root keeps small groups visible beside a tall peak.
      const tallest = Math.sqrt(Math.max(...shares.flat(), 1e-9));
      const step = (WIDTH - 2 * SIDE) / BINS;
      bars.replaceChildren(
        ...['in', 'out'].map((kind, i) => {
          const tops = shares[i]!.map((share) => BASE - (Math.sqrt(share) / tallest) * (BASE - TOP));
          const path = tops.map((top, bin) => `L${SIDE + bin * step},${top}h${step}`).join('');
          return makeSvg('path', { class: kind, d: `M${SIDE},${BASE}${path}V${BASE}Z` });
        }),
      );
      setAttributes(bars, {
        role: 'img',
        'aria-label': `Scores by ${model} of ${subject}, and of ${sets.name}`,
      });
      draw();
    },
    mark(score) {
      setAttributes(you, { visibility: score === undefined ? 'hidden' : 'visible' });
      if (score === undefined) return;
      const x = place(fromScore(score));
      setAttributes(you, { d: `M${x},${BASE - 2}l-6,-12h12Z` });
    },
  };
}

function sharesOf(scores: Float32Array, high: number): number[] {
  const shares = new Array<number>(BINS).fill(0);
  for (const score of scores) {
    const bin = Math.floor(((fromScore(score) - LOW) / (high - LOW)) * BINS);
    shares[Math.min(BINS - 1, Math.max(0, bin))]! += 1 / scores.length;
  }
  return shares;
}
